// SPDX-License-Identifier: Apache-2.0
// The stub's last steps. They use registers and the state page only, because everything else is unmapped here.
#include <asm/unistd_64.h>

// Offsets in LeaveRecord (leave.h).
#define RECORD_COUNT 0
#define RECORD_GO_WORD 8
#define RECORD_ENTRY 16
#define RECORD_START_INFO 24
#define RECORD_GO_STRIDE 32
#define RECORD_UNPARKED 40
#define RECORD_CALLS 48
#define CALL_SIZE 40
#define LOCKDOWN_FAILED 97

    .text
    .globl stub_start
stub_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call stub_main
    ud2

// [[noreturn]] void leave_stub(const LeaveRecord* record)
    .globl leave_stub
leave_stub:
    movq %rdi, %rbx
    leaq RECORD_CALLS(%rbx), %r12
    movq RECORD_COUNT(%rbx), %r13
1:  movq 0(%r12), %rax
    movq 8(%r12), %rdi
    movq 16(%r12), %rsi
    movq 24(%r12), %rdx
    xorl %r10d, %r10d
    syscall
    testq %rax, %rax
    jnz 4f
    addq $CALL_SIZE, %r12
    decq %r13
    jnz 1b

    // The filter is in force.
    xorl %r14d, %r14d

// RBX = record, R14 = vCPU. Waits until the vCPU's go word is set; a futex wake may be spurious, so the word decides.
enter_guest:
    movq RECORD_GO_STRIDE(%rbx), %rbp
    imulq %r14, %rbp
    addq RECORD_GO_WORD(%rbx), %rbp
2:  cmpl $0, (%rbp)
    jne 3f
    movl $__NR_futex, %eax
    movq %rbp, %rdi
    xorl %esi, %esi
    xorl %edx, %edx
    xorl %r10d, %r10d
    syscall
    jmp 2b

    // Clear all registers that the ABI does not define, so that they tell the guest nothing.
3:  movq RECORD_ENTRY(%rbx), %rax
    movq RECORD_START_INFO(%rbx), %rdi
    movq %r14, %rsi
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %ebp, %ebp
    xorl %esp, %esp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    jmp *%rax

4:  movl $__NR_exit_group, %eax
    movl $LOCKDOWN_FAILED, %edi
    syscall
    ud2

// std::int64_t make_vcpu_thread(std::uint64_t flags, LeaveRecord* record, std::uint64_t vcpu, const stack_t* stack)
    .globl make_vcpu_thread
make_vcpu_thread:
    pushq %rbx
    pushq %r14
    movq %rsi, %rbx
    movq %rdx, %r14
    movq %rcx, %r9
    movq %rcx, %rsi             // a stack pointer, which nothing uses
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    movl $__NR_clone, %eax
    syscall
    testq %rax, %rax
    jz 5f
    popq %r14
    popq %rbx
    ret

5:  movl $__NR_sigaltstack, %eax
    movq %r9, %rdi
    xorl %esi, %esi
    syscall
    testq %rax, %rax
    jnz 4b
    lock decl RECORD_UNPARKED(%rbx)
    jmp enter_guest

    .section .note.GNU-stack, "", @progbits
