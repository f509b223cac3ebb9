// SPDX-License-Identifier: Apache-2.0
// Entry of a hardware-assisted machine: PVH gives 32-bit protected mode without paging, flat segments, interrupts off,
// EBX = guest-physical address of the start info. From here to C++ in long mode.

#include "kernel/arch/x86_64/register_bits.h"

#define GUEST_BASE 0x10000000000
#define PHYSICAL(symbol) (symbol - GUEST_BASE)

// QEMU reads the descriptor as 8 bytes, others as 4: little-endian serves both.
    .section .note.Xen, "a", @note
    .balign 4
    .long 2f - 1f
    .long 4f - 3f
    .long 18                        // XEN_ELFNOTE_PHYS32_ENTRY
1:  .asciz "Xen"
2:  .balign 4
3:  .quad PHYSICAL(tenon_pvh_entry)
4:  .balign 4

#define TABLE_ENTRY (PAGE_PRESENT | PAGE_WRITABLE)
#define LARGE_PAGE_ENTRY (PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE)
#define CODE_SELECTOR 8             // the second descriptor of tenon_early_gdt_table

    .section .text.tenon_pvh_entry, "ax"
    .code32
    .global tenon_pvh_entry
    .type tenon_pvh_entry, @function
tenon_pvh_entry:
    cli
    cld
    // The same tables map the first 4 GiB twice: at 0 for the instructions that turn paging on, and at guest_base. They
    // make all memory writable and executable; C++ replaces them at once.
    movl $PHYSICAL(tenon_early_pdpt) + TABLE_ENTRY, PHYSICAL(tenon_root_table)
    movl $PHYSICAL(tenon_early_pdpt) + TABLE_ENTRY, PHYSICAL(tenon_root_table) + 8 * (GUEST_BASE >> 39)
    movl $PHYSICAL(early_directories) + TABLE_ENTRY + 0x0000, PHYSICAL(tenon_early_pdpt) + 0
    movl $PHYSICAL(early_directories) + TABLE_ENTRY + 0x1000, PHYSICAL(tenon_early_pdpt) + 8
    movl $PHYSICAL(early_directories) + TABLE_ENTRY + 0x2000, PHYSICAL(tenon_early_pdpt) + 16
    movl $PHYSICAL(early_directories) + TABLE_ENTRY + 0x3000, PHYSICAL(tenon_early_pdpt) + 24
    mov $PHYSICAL(early_directories), %edi
    mov $LARGE_PAGE_ENTRY, %eax
1:  mov %eax, (%edi)
    add $8, %edi
    add $0x200000, %eax
    cmp $LARGE_PAGE_ENTRY, %eax            // wraps to where it began after 4 GiB
    jne 1b

    mov $PHYSICAL(tenon_root_table), %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax   // C++ may use SSE registers from its first instruction on
    mov %eax, %cr4
    mov $MSR_IA32_EFER, %ecx
    rdmsr
    or $EFER_LME, %eax
    wrmsr
    mov %cr0, %eax
    and $~(CR0_EM | CR0_TS), %eax
    or $(CR0_PE | CR0_PG), %eax
    mov %eax, %cr0
    lgdt PHYSICAL(early_gdt_pointer)
    ljmp $CODE_SELECTOR, $PHYSICAL(long_mode)

    .code64
long_mode:
    movabs $high_half, %rax
    jmp *%rax
high_half:
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
    lea tenon_boot_stack_end(%rip), %rsp
    xor %ebp, %ebp
    mov %ebx, %edi
    call tenon_hvm_entry
    ud2
    .size tenon_pvh_entry, . - tenon_pvh_entry

    .section .rodata.tenon_early_gdt, "a"
    .balign 8
    .global tenon_early_gdt_table
tenon_early_gdt_table:
    .quad 0
    .quad DESCRIPTOR_CODE_64
early_gdt_pointer:
    .word . - tenon_early_gdt_table - 1
    .long PHYSICAL(tenon_early_gdt_table)

    .section .bss.tenon_early_tables, "aw", @nobits
    .balign 4096
    .global tenon_root_table
tenon_root_table:
    .skip 4096
    .global tenon_early_pdpt
tenon_early_pdpt:
    .skip 4096
early_directories:
    .skip 4 * 4096

    .section .note.GNU-stack, "", @progbits
