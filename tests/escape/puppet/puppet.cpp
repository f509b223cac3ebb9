// SPDX-License-Identifier: Apache-2.0
// Making another process's system calls.
#include "tests/escape/puppet/puppet.h"

#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace puppet {

namespace {

constexpr std::uint64_t call_instruction_size = 2;
constexpr long call_instruction = 0x050F;  // syscall
/// What the ABI lets a leaf function use below its stack pointer, and more.
constexpr std::uint64_t below_stack = 4096;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

}  // namespace

Puppet::Puppet(pid_t process) : process_(process) {
    // What it makes is traced too, and all of it ends with this process.
    constexpr long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SEIZE, process_, 0, options) != 0) fail("ptrace");
    // It may have something to do before it waits.
    constexpr int attempts = 10'000;
    for (int attempt = 0; attempt < attempts && !stop_in_call(); ++attempt) {
        if (ptrace(PTRACE_CONT, process_, 0, 0) != 0) fail("continuing");
        poll(nullptr, 0, 1);
    }
    if (free_stack_ == 0) throw std::runtime_error("it does not wait in a system call");
}

bool Puppet::stop_in_call() {
    if (ptrace(PTRACE_INTERRUPT, process_, 0, 0) != 0) fail("ptrace");
    wait_for_stop();
    if (ptrace(PTRACE_GETREGS, process_, 0, &before_) != 0) fail("registers");
    const long code = ptrace(PTRACE_PEEKTEXT, process_, before_.rip - call_instruction_size, 0);
    if ((code & 0xFFFF) != call_instruction) return false;
    free_stack_ = before_.rsp - below_stack;
    return true;
}

Puppet::~Puppet() {
    if (!alive_) return;
    ptrace(PTRACE_SETREGS, process_, 0, &before_);
    ptrace(PTRACE_DETACH, process_, 0, 0);
}

void Puppet::wait_for_stop() {
    int status = 0;
    if (waitpid(process_, &status, __WALL) != process_) fail("waiting");
    if (WIFSIGNALED(status)) {
        alive_ = false;
        throw Killed{WTERMSIG(status)};
    }
    if (!WIFSTOPPED(status)) throw std::runtime_error("it has ended");
    event_ = status >> 16;
}

std::uint64_t Puppet::bytes(const void* data, std::size_t size) {
    free_stack_ = (free_stack_ - size) & ~15ULL;
    std::string copy(static_cast<const char*>(data), size);
    const iovec from{copy.data(), size};
    const iovec to{reinterpret_cast<void*>(free_stack_), size};
    if (process_vm_writev(process_, &from, 1, &to, 1, 0) != static_cast<ssize_t>(size)) fail("its memory");
    return free_stack_;
}

long Puppet::make_call(long number, std::span<const std::uint64_t, 6> arguments) {
    user_regs_struct registers = before_;
    registers.rip -= call_instruction_size;
    registers.rax = static_cast<std::uint64_t>(number);
    // The kernel is not to restart the call that was interrupted.
    registers.orig_rax = ~0ULL;
    registers.rdi = arguments[0];
    registers.rsi = arguments[1];
    registers.rdx = arguments[2];
    registers.r10 = arguments[3];
    registers.r8 = arguments[4];
    registers.r9 = arguments[5];
    if (ptrace(PTRACE_SETREGS, process_, 0, &registers) != 0) fail("registers");
    // The events of a new process or program come before the end of the call.
    do {
        if (ptrace(PTRACE_SINGLESTEP, process_, 0, 0) != 0) fail("a step");
        wait_for_stop();
        // Another program has begun: there is nothing to go back to.
        if (event_ == PTRACE_EVENT_EXEC) {
            alive_ = false;
            return 0;
        }
    } while (event_ != 0);
    if (ptrace(PTRACE_GETREGS, process_, 0, &registers) != 0) fail("registers");
    return static_cast<long>(registers.rax);
}

}  // namespace puppet
