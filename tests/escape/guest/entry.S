// SPDX-License-Identifier: Apache-2.0
// Entries of the hostile guest, and calls that may fault.
    .section .note.Tenon, "a", @note
    .balign 4
    .long 6
    .long 2f - 1f
    .long 1
    .asciz "Tenon"
    .balign 4
1:  .long 2                     // abi::version
    .long 0
    .quad 0
    .quad 1 << 3                // wanted features: abi::Feature::segment_base_calls
    .quad escape_entry
    .quad escape_trap
    .quad 0x10000               // stack arena
    .quad 0x100000
2:

    .text
    .globl escape_entry
escape_entry:
    xor %ebp, %ebp
    test %esi, %esi
    jnz 1f
    lea escape_stack_end(%rip), %rsp
    call escape_main
    ud2
1:  lea escape_second_stack_end(%rip), %rsp
    call escape_second
    ud2

// Signal handler: signal number, siginfo, context. It never returns by sigreturn.
    .globl escape_trap
escape_trap:
    cmpq $0, escape_guard(%rip)
    je 1f
    // Return the signal number to the caller of the guarded call, on its stack.
    mov escape_guard(%rip), %rsp
    movq $0, escape_guard(%rip)
    mov %edi, %eax
    jmp 2f
1:  and $-16, %rsp
    call escape_unexpected_trap
    ud2

// int escape_guarded(void (*function)(void*), void* argument): 0, or the signal that ended it.
    .globl escape_guarded
escape_guarded:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    mov %rsp, escape_guard(%rip)
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
    movq $0, escape_guard(%rip)
    xor %eax, %eax
2:  cld
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

// A page of code of its own: its protection is played with.
    .balign 4096
    .globl escape_some_code
escape_some_code:
    nop
    ret
    .balign 4096

    .bss
    .balign 16
    .skip 65536
escape_stack_end:
    .skip 16384
escape_second_stack_end:
escape_guard:
    .quad 0
    .section .note.GNU-stack, "", @progbits
