// SPDX-License-Identifier: Apache-2.0
// From the firmware's 64-bit mode to PVH's entry: 32-bit protected mode without paging, flat segments, interrupts off,
// EBX = start info. The image is copied to its place only then: firmware's page tables, stack and descriptor tables may
// have been there. So this code runs from a copy, below 4 GiB and outside of the image's place, and uses no stack
// there.

#define CR0_PE 0x1
#define CR0_ET 0x10
#define CR4_PAE 0x20
#define CR4_LA57 0x1000
#define MSR_IA32_EFER 0xC0000080
#define CODE_64 8
#define CODE_32 16
#define DATA_32 24

    .text
    .balign 16
    .hidden tenon_handover_begin, tenon_handover_end
    .global tenon_handover_begin, tenon_handover_end
// RDI = Handover, in the first 4 GiB. It is entered at its begin.
tenon_handover_begin:
    cli
    cld
    lea descriptors(%rip), %rax
    mov %rax, descriptors_pointer + 2(%rip)
    lgdt descriptors_pointer(%rip)
    // Paging cannot be turned off with process-context identifiers, nor CR0.WP with control-flow enforcement.
    mov %cr4, %rax
    and $(CR4_PAE | CR4_LA57), %eax
    mov %rax, %cr4
    mov %edi, %ebp
    lea protected_mode(%rip), %rax
    push $CODE_32
    push %rax
    lretq

    .code32
protected_mode:
    mov $DATA_32, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
    mov $(CR0_PE | CR0_ET), %eax
    mov %eax, %cr0
    xor %eax, %eax
    mov %eax, %cr3
    mov %eax, %cr4
    mov $MSR_IA32_EFER, %ecx
    xor %edx, %edx
    wrmsr
    mov 0(%ebp), %esi
    mov 4(%ebp), %edi
    mov 8(%ebp), %ecx
    rep movsl
    mov 12(%ebp), %ebx
    mov 16(%ebp), %eax
    jmp *%eax
    .code64

    .balign 8
descriptors:
    .quad 0
    .quad 0x00AF9B000000FFFF
    .quad 0x00CF9B000000FFFF
    .quad 0x00CF93000000FFFF
descriptors_pointer:
    .word . - descriptors - 1
    .quad 0
tenon_handover_end:

    .section .note.GNU-stack, "", @progbits
