// SPDX-License-Identifier: Apache-2.0
// Where the IDT points. A gate switches to a stack of its own (IST), so that the red zone of what was interrupted
// survives; from there, an interrupt's frame goes onto the interrupted thread's stack, an exception's frame stays here.

// Offsets in TrapFrame, VcpuEvents and Cpu; checked by static_asserts in descriptor_tables.cpp.
#define FRAME_SIZE 1024
#define FRAME_XSAVE_HEADER 512
#define FRAME_REGISTER(n) (832 + 8 * (n))
#define FRAME_RIP 960
#define FRAME_RFLAGS 968
#define FRAME_VECTOR 976
#define FRAME_ERROR_CODE 984
#define FRAME_FAULT_ADDRESS 992
#define CPU_EVENTS %gs:8
#define EVENTS_UPCALL_PENDING 0
#define EVENTS_UPCALL_MASK 4
#define EVENTS_PENDING 16
// Red zone, and what tenon_restore_trap_frame pushes below it (kernel/arch/x86_64/context.h).
#define BELOW_INTERRUPTED_STACK (128 + 3 * 8)
#define FIRST_INTERRUPT 32
#define X2APIC_EOI 0x80B

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
    mov %rax, FRAME_REGISTER(0)(%rdx)
    mov %rbx, FRAME_REGISTER(1)(%rdx)
    mov SAVED_RCX(%rsp), %rax
    mov %rax, FRAME_REGISTER(2)(%rdx)
    mov SAVED_RDX(%rsp), %rax
    mov %rax, FRAME_REGISTER(3)(%rdx)
    mov %rsi, FRAME_REGISTER(4)(%rdx)
    mov %rdi, FRAME_REGISTER(5)(%rdx)
    mov %rbp, FRAME_REGISTER(6)(%rdx)
    mov SAVED_RSP(%rsp), %rax
    mov %rax, FRAME_REGISTER(7)(%rdx)
    mov %r8, FRAME_REGISTER(8)(%rdx)
    mov %r9, FRAME_REGISTER(9)(%rdx)
    mov %r10, FRAME_REGISTER(10)(%rdx)
    mov %r11, FRAME_REGISTER(11)(%rdx)
    mov %r12, FRAME_REGISTER(12)(%rdx)
    mov %r13, FRAME_REGISTER(13)(%rdx)
    mov %r14, FRAME_REGISTER(14)(%rdx)
    mov %r15, FRAME_REGISTER(15)(%rdx)
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
    .long 0x1F80

    .section .text.tenon_trap_entry, "ax"
    .type interrupt_common, @function
interrupt_common:
    push %rax
    push %rcx
    push %rdx
    // At once, before the event is served: masking is in software, and other interrupts must still get in.
    mov tenon_apic_eoi_register(%rip), %rax
    test %rax, %rax
    jz 1f
    movl $0, (%rax)
    jmp 2f
1:  mov $X2APIC_EOI, %ecx
    xor %eax, %eax
    xor %edx, %edx
    wrmsr
2:  mov CPU_EVENTS, %rax
    mov SAVED_VECTOR(%rsp), %rcx
    sub $FIRST_INTERRUPT, %rcx
    lock btsq %rcx, EVENTS_PENDING(%rax)
    movl $1, EVENTS_UPCALL_PENDING(%rax)
    cmpl $0, EVENTS_UPCALL_MASK(%rax)
    jne 3f
    mov SAVED_RSP(%rsp), %rdx
    sub $(BELOW_INTERRUPTED_STACK + FRAME_SIZE), %rdx
    and $-64, %rdx
    movq $0, FRAME_FAULT_ADDRESS(%rdx)
    fill_frame
    mov %rdi, %rsp
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
    cmpq $14, SAVED_VECTOR(%rsp)
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
    .if number < 32
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
// The local APIC's spurious vector: nothing to serve, and no EOI (SDM volume 3, 10.9).
    iretq

    .section .note.GNU-stack, "", @progbits
