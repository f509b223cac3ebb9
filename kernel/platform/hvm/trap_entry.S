// SPDX-License-Identifier: Apache-2.0
// Entry points of the IDT. A gate switches to a stack of its own (IST), so that the interrupted red zone survives. An
// interrupt's frame is then built on the interrupted thread's stack, an exception's frame on the gate's stack.

#include "kernel/arch/x86_64/cpu_offsets.h"
#include "kernel/arch/x86_64/register_bits.h"
#include "kernel/arch/x86_64/trap_frame_offsets.h"

// On the gate's stack, after the stub and three pushes.
#define SAVED_RDX 0
#define SAVED_RCX 8
#define SAVED_RAX 16
#define SAVED_VECTOR 24
#define SAVED_ERROR_CODE 32
#define SAVED_RIP 40
#define SAVED_RFLAGS 56
#define SAVED_RSP 64

// Fills the frame at RDX from the registers and the gate's stack; leaves its address in RDI.
.macro fill_frame
    mov SAVED_RAX(%rsp), %rax
    mov %rax, FRAME_RAX(%rdx)
    mov %rbx, FRAME_RBX(%rdx)
    mov SAVED_RCX(%rsp), %rax
    mov %rax, FRAME_RCX(%rdx)
    mov SAVED_RDX(%rsp), %rax
    mov %rax, FRAME_RDX(%rdx)
    mov %rsi, FRAME_RSI(%rdx)
    mov %rdi, FRAME_RDI(%rdx)
    mov %rbp, FRAME_RBP(%rdx)
    mov SAVED_RSP(%rsp), %rax
    mov %rax, FRAME_RSP(%rdx)
    mov %r8, FRAME_R8(%rdx)
    mov %r9, FRAME_R9(%rdx)
    mov %r10, FRAME_R10(%rdx)
    mov %r11, FRAME_R11(%rdx)
    mov %r12, FRAME_R12(%rdx)
    mov %r13, FRAME_R13(%rdx)
    mov %r14, FRAME_R14(%rdx)
    mov %r15, FRAME_R15(%rdx)
    mov SAVED_RIP(%rsp), %rax
    mov %rax, FRAME_RIP(%rdx)
    mov SAVED_RFLAGS(%rsp), %rax
    mov %rax, FRAME_RFLAGS(%rdx)
    mov SAVED_VECTOR(%rsp), %rax
    mov %rax, FRAME_VECTOR(%rdx)
    mov SAVED_ERROR_CODE(%rsp), %rax
    mov %rax, FRAME_ERROR_CODE(%rdx)
    // XSAVE leaves the rest of the header as it is, XRSTOR wants zeros (SDM volume 1, 13.7 and 13.8).
    xor %eax, %eax
    .irp offset, 0, 8, 16, 24, 32, 40, 48, 56
    mov %rax, (FRAME_XSAVE_HEADER + \offset)(%rdx)
    .endr
    mov %rdx, %rdi
    mov tenon_xstate_mask(%rip), %eax
    xor %edx, %edx
    xsave64 (%rdi)
    // The handler must not inherit a rounding mode or a full x87 stack.
    fninit
    ldmxcsr default_mxcsr(%rip)
    cld
.endm

    .section .rodata.tenon_default_mxcsr, "a"
    .balign 4
default_mxcsr:
    .long MXCSR_DEFAULT

    .section .text.tenon_trap_entry, "ax"
    .type interrupt_common, @function
interrupt_common:
    push %rax
    push %rcx
    push %rdx
    // The EOI is sent before the event is served: masking is in software, and other interrupts must still arrive.
    mov tenon_apic_eoi_register(%rip), %rax
    test %rax, %rax
    jz 1f
    movl $0, (%rax)
    jmp 2f
1:  mov $MSR_X2APIC_EOI, %ecx
    xor %eax, %eax
    xor %edx, %edx
    wrmsr
2:  mov SAVED_VECTOR(%rsp), %rcx
    sub $FIRST_INTERRUPT_VECTOR, %rcx
    lock btsq %rcx, %gs:GS_PENDING
    movl $1, %gs:GS_UPCALL_PENDING
    cmpl $0, %gs:GS_UPCALL_MASK
    jne 3f
    // frame_being_restored() in assembly.
    mov SAVED_RIP(%rsp), %rdx
    lea tenon_restore_trap_frame(%rip), %rcx
    cmp %rcx, %rdx
    jb 4f
    lea tenon_trap_frame_is_free(%rip), %rcx
    cmp %rcx, %rdx
    jb 5f
4:  mov SAVED_RSP(%rsp), %rdx
    sub $(BELOW_INTERRUPTED_STACK + FRAME_SIZE), %rdx
    and $-64, %rdx
    movq $0, FRAME_FAULT_ADDRESS(%rdx)
    fill_frame
5:  mov %rdi, %rsp
    xor %ebp, %ebp
    sti
    call tenon_hvm_finish_interrupt
    ud2
3:  pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq
    .size interrupt_common, . - interrupt_common

    .type exception_common, @function
exception_common:
    push %rax
    push %rcx
    push %rdx
    lea -FRAME_SIZE(%rsp), %rdx
    and $-64, %rdx
    movq $0, FRAME_FAULT_ADDRESS(%rdx)
    cmpq $PAGE_FAULT_VECTOR, SAVED_VECTOR(%rsp)
    jne 1f
    mov %cr2, %rax
    mov %rax, FRAME_FAULT_ADDRESS(%rdx)
1:  fill_frame
    mov %rdi, %rsp
    xor %ebp, %ebp
    call tenon_hvm_handle_exception
    ud2
    .size exception_common, . - exception_common

// A stub for each vector, 16 bytes apart; the IDT is filled from the first one's address.
#define HAS_ERROR_CODE 0x60227D00   // vectors 8, 10-14, 17, 21, 29, 30 (SDM volume 3, table 6-1)
    .balign 16
    .global tenon_trap_stubs
tenon_trap_stubs:
    .set number, 0
    .rept 96
    .balign 16
    .if number < FIRST_INTERRUPT_VECTOR
    .if ((HAS_ERROR_CODE >> number) & 1) == 0
    push $0
    .endif
    push $number
    jmp exception_common
    .else
    push $0
    push $number
    jmp interrupt_common
    .endif
    .set number, number + 1
    .endr
    .balign 16
// The local APIC's spurious vector: nothing to serve and no EOI (SDM volume 3, 10.9).
    iretq

    .section .note.GNU-stack, "", @progbits
