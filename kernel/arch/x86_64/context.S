// SPDX-License-Identifier: Apache-2.0
// Switching stacks, and continuing interrupted code.

#include "kernel/arch/x86_64/trap_frame_offsets.h"

    .section .text.tenon_switch_stacks, "ax"
    .global tenon_switch_stacks
    .type tenon_switch_stacks, @function
tenon_switch_stacks:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size tenon_switch_stacks, . - tenon_switch_stacks

// A new thread's stack looks as if it had called tenon_switch_stacks from here, with its Thread in RBX.
    .section .text.tenon_thread_start, "ax"
    .global tenon_thread_start
    .type tenon_thread_start, @function
tenon_thread_start:
    xor %ebp, %ebp
    mov %rbx, %rdi
    call tenon_thread_main
    ud2
    .size tenon_thread_start, . - tenon_thread_start

    .section .text.tenon_restore_trap_frame, "ax"
    .global tenon_restore_trap_frame
    .type tenon_restore_trap_frame, @function
tenon_restore_trap_frame:
    mov tenon_xstate_mask(%rip), %eax
    xor %edx, %edx
    xrstor64 (%rdi)
    // Writes RDI, RFLAGS and RIP below the interrupted red zone; the frame itself lies below them.
    mov FRAME_RSP(%rdi), %rcx
    sub $BELOW_INTERRUPTED_STACK, %rcx
    mov FRAME_RDI(%rdi), %rax
    mov %rax, (%rcx)
    mov FRAME_RFLAGS(%rdi), %rax
    mov %rax, 8(%rcx)
    mov FRAME_RIP(%rdi), %rax
    mov %rax, 16(%rcx)
    mov FRAME_RAX(%rdi), %rax
    mov FRAME_RBX(%rdi), %rbx
    mov FRAME_RCX(%rdi), %rcx
    mov FRAME_RDX(%rdi), %rdx
    mov FRAME_RSI(%rdi), %rsi
    mov FRAME_RBP(%rdi), %rbp
    mov FRAME_R8(%rdi), %r8
    mov FRAME_R9(%rdi), %r9
    mov FRAME_R10(%rdi), %r10
    mov FRAME_R11(%rdi), %r11
    mov FRAME_R12(%rdi), %r12
    mov FRAME_R13(%rdi), %r13
    mov FRAME_R14(%rdi), %r14
    mov FRAME_R15(%rdi), %r15
    mov FRAME_RSP(%rdi), %rsp
    lea -BELOW_INTERRUPTED_STACK(%rsp), %rsp
    pop %rdi
    // Until here the frame is whole and RDI its address: an interrupt takes this frame instead of making another one
    // below it, or frames would pile up where interrupts come as fast as they are served. From here on all data needed
    // lies at or above RSP, where an interrupt does not overwrite it.
    .global tenon_trap_frame_is_free
tenon_trap_frame_is_free:
    popfq
    ret $RED_ZONE
    .size tenon_restore_trap_frame, . - tenon_restore_trap_frame

// void tenon_attempt(RecoveryPoint* point, void (*body)(void*), void* context)
    .section .text.tenon_attempt, "ax"
    .global tenon_attempt
    .type tenon_attempt, @function
tenon_attempt:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    pushfq
    sub $16, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    mov %rsp, (%rdi)
    mov %rdx, %rdi
    call *%rsi
    jmp 1f
// void tenon_abandon_attempt(uint64_t stack_pointer): returns from tenon_attempt instead of from the body.
    .global tenon_abandon_attempt
tenon_abandon_attempt:
    // The saved flags bring back IF, which an exception gate clears.
    mov %rdi, %rsp
    ldmxcsr (%rsp)
    fninit
    fldcw 4(%rsp)
1:  add $16, %rsp
    popfq
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size tenon_attempt, . - tenon_attempt

    .section .note.GNU-stack, "", @progbits
