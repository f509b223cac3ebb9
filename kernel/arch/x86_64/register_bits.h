/* SPDX-License-Identifier: Apache-2.0 */
/* Bits of registers, page table entries and descriptors, under the manual's names, for assembly and C++ (Intel SDM
   volume 3: control registers 2.5, page table entries 4.5, segment descriptors 3.4.5; volume 4: model-specific
   registers; volume 1: MXCSR 10.2.3, x87 control word 8.1.5). Without suffixes, which the assembler does not know. */
#pragma once

#define CR0_PE 0x00000001 /* protection enable */
#define CR0_MP 0x00000002 /* monitor coprocessor */
#define CR0_EM 0x00000004 /* emulation */
#define CR0_TS 0x00000008 /* task switched */
#define CR0_ET 0x00000010 /* extension type: always set */
#define CR0_NE 0x00000020 /* numeric error */
#define CR0_WP 0x00010000 /* write protect */
#define CR0_PG 0x80000000 /* paging */

#define CR4_PAE 0x00000020        /* physical address extension */
#define CR4_OSFXSR 0x00000200     /* FXSAVE and SSE are in use */
#define CR4_OSXMMEXCPT 0x00000400 /* SIMD exceptions are served */
#define CR4_FSGSBASE 0x00010000
#define CR4_OSXSAVE 0x00040000

#define MSR_IA32_TSC_ADJUST 0x0000003B
#define MSR_IA32_APIC_BASE 0x0000001B
#define APIC_BASE_X2APIC_ENABLE 0x00000400
#define APIC_BASE_GLOBAL_ENABLE 0x00000800
#define MSR_IA32_TSC_DEADLINE 0x000006E0
#define MSR_X2APIC_BASE 0x00000800 /* the register at offset N of the APIC's page is the MSR at N / 16 */
#define MSR_X2APIC_EOI 0x0000080B
#define MSR_IA32_EFER 0xC0000080
#define EFER_LME 0x00000100 /* long mode enable */
#define EFER_NXE 0x00000800 /* no-execute enable */

#define PAGE_PRESENT 0x001
#define PAGE_WRITABLE 0x002
#define PAGE_WRITE_THROUGH 0x008
#define PAGE_CACHE_DISABLE 0x010
#define PAGE_LARGE 0x080 /* in a page directory: maps 2 MiB */
#define PAGE_NO_EXECUTE 0x8000000000000000

/* Present, ring 0, code: execute, read, accessed; 64-bit (L); limit and granularity, which it ignores, at their most.
 */
#define DESCRIPTOR_CODE_64 0x00AF9B000000FFFF
#define DESCRIPTOR_TSS_AVAILABLE 0x0000890000000000 /* present, ring 0, 64-bit TSS; without base and limit */
#define GATE_INTERRUPT 0x8E                         /* type byte of an IDT entry: present, ring 0, interrupt gate */

#define MXCSR_DEFAULT 0x1F80       /* all exceptions masked, round to nearest */
#define X87_CONTROL_DEFAULT 0x037F /* the same, 64-bit precision */
