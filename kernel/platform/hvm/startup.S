// SPDX-License-Identifier: Apache-2.0
// Entry of the other vCPUs: a startup message (SIPI) has them execute a page below 1 MiB in real mode (SDM volume 3,
// 8.4.4.2). From there to C++ in long mode.

#include "kernel/arch/x86_64/register_bits.h"

#define GUEST_BASE 0x10000000000
#define PHYSICAL(symbol) (symbol - GUEST_BASE)
#define CODE_SELECTOR 8

// Copied into the page. Turns on protection, paging and long mode at once; the far jump then leaves the page.
    .section .rodata.tenon_startup_code, "a"
    .code16
    .global tenon_startup_code
tenon_startup_code:
    cli
    mov %cs, %ax
    mov %ax, %ds
    lgdtl gdt_pointer - tenon_startup_code
    mov $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
    mov %eax, %cr4
    mov $PHYSICAL(tenon_startup_root_table), %eax
    mov %eax, %cr3
    mov $MSR_IA32_EFER, %ecx
    rdmsr
    or $(EFER_LME | EFER_NXE), %eax
    wrmsr
    // Caches are on: an INIT leaves them off in real processors.
    mov $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
    mov %eax, %cr0
    ljmpl $CODE_SELECTOR, $PHYSICAL(startup_long_mode)
gdt_pointer:
    .word 2 * 8 - 1
    .long PHYSICAL(tenon_early_gdt_table)
    .global tenon_startup_code_end
tenon_startup_code_end:

    .section .text.tenon_startup, "ax"
    .code64
startup_long_mode:
    movabs $1f, %rax
    jmp *%rax
1:  mov $PHYSICAL(tenon_root_table), %eax
    mov %rax, %cr3
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
    mov tenon_startup_stack(%rip), %rsp
    xor %ebp, %ebp
    call tenon_hvm_enter_other
    ud2

// The root table (PML4) on which they arrive: the kernel's, and the identity map of the first 4 GiB.
    .section .bss.tenon_startup_root_table, "aw", @nobits
    .balign 4096
    .global tenon_startup_root_table
tenon_startup_root_table:
    .skip 4096

    .section .note.GNU-stack, "", @progbits
