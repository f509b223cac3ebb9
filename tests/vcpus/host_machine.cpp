// SPDX-License-Identifier: Apache-2.0
// vCPUs as threads of the host.
#include "tests/vcpus/host_machine.h"

#include <asm/prctl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "kernel/boot/boot.h"
#include "kernel/sched/per_cpu.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {

constexpr Nanoseconds second = 1'000'000'000;
constexpr int kick_signal = SIGUSR1, timer_signal = SIGUSR2;

struct HostVcpu {
    abi::VcpuEvents events;
    pid_t thread;
    int timer;
};
std::array<HostVcpu, abi::max_vcpus> vcpus;

timespec to_timespec(Nanoseconds time) {
    return {static_cast<time_t>(time / second), static_cast<long>(time % second)};
}

class HostPlatform final : public Platform {
public:
    std::uint32_t count = 1;

    [[nodiscard]] std::uint32_t vcpu_count() const override { return count; }
    void start_vcpu(std::uint32_t vcpu, void* stack_end) override;
    void notify(const Cpu& cpu) override {
        if (cpu.events->state.load() == abi::VcpuState::blocked)
            syscall(SYS_futex, &cpu.events->upcall_pending, FUTEX_WAKE, 1, nullptr, nullptr, 0);
        else if (cpu.events->upcall_mask.load() == 0)
            syscall(SYS_tgkill, getpid(), vcpus.at(cpu.index).thread, kick_signal);
    }
    void let_lock_holder_run() override {
        const timespec pause{0, 50'000};
        nanosleep(&pause, nullptr);
    }
    void wait_for_event(Nanoseconds deadline) override {
        abi::VcpuEvents& events = *Cpu::current().events;
        events.state.store(abi::VcpuState::blocked);
        const timespec end = to_timespec(deadline);
        if (events.upcall_pending.load() == 0)
            syscall(SYS_futex, &events.upcall_pending, FUTEX_WAIT_BITSET, 0, deadline == no_deadline ? nullptr : &end,
                    nullptr, FUTEX_BITSET_MATCH_ANY);
        events.state.store(abi::VcpuState::running);
    }
    void set_timer(Nanoseconds deadline) override {
        // A value of zero would stop the timer.
        const itimerspec setting{{0, 0}, to_timespec(deadline == 0 ? 1 : deadline)};
        syscall(SYS_timer_settime, vcpus.at(Cpu::current().index).timer, TIMER_ABSTIME, &setting, nullptr);
    }
    Nanoseconds read_clock() override {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<Nanoseconds>(now.tv_sec) * second + static_cast<Nanoseconds>(now.tv_nsec);
    }
    Nanoseconds read_realtime() override { return read_clock(); }

    // What no test of this machine reaches.
    [[nodiscard]] const char* name() const override { return "host"; }
    [[nodiscard]] std::string_view command_line() const override { return {}; }
    [[nodiscard]] MemoryMap memory_map() const override { return {}; }
    [[nodiscard]] std::span<const std::uint8_t> entropy() const override { return {}; }
    void early_console_write(std::string_view) override { std::abort(); }
    [[nodiscard]] const char* clock_source() const override { return "host"; }
    [[nodiscard]] std::uint64_t clock_generation() override { return 0; }
    void set_guard_page(void*, bool) override { std::abort(); }
    bool drop_pages(void*, std::size_t) override { std::abort(); }
    void page_out(void*, std::size_t) override { std::abort(); }
    [[nodiscard]] bool file_backed(const void*, std::size_t) const override { return false; }
    [[nodiscard]] std::span<std::atomic<std::uint64_t>> memory_counters() override { return {}; }
    std::uint64_t take_page_out_bytes() override { return 0; }
    void ready() override {}
    [[noreturn]] void shut_down(abi::ShutdownReason, int) override { std::abort(); }
    [[noreturn]] void crash(const abi::CrashReport&) override { std::abort(); }
    void boot_mark(abi::BootMark) override {}
    std::uint32_t take_control_requests() override { return 0; }
    void probe_devices() override {}
};
HostPlatform host;

/// The calling thread of the host becomes a vCPU's.
void take_thread(std::uint32_t index) {
    HostVcpu& vcpu = vcpus.at(index);
    vcpu.thread = static_cast<pid_t>(syscall(SYS_gettid));
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = timer_signal;
    event._sigev_un._tid = vcpu.thread;
    // Not the C library's call, whose timer ids are not the kernel's.
    if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &vcpu.timer) != 0) std::abort();
}

extern "C" [[noreturn, gnu::used]] void vcpus_enter(std::uint32_t index) {
    prepare_cpu(index, vcpus.at(index).events);
    enter_vcpu();
}

void HostPlatform::start_vcpu(std::uint32_t vcpu, void* stack_end) {
    std::thread([vcpu, stack_end] {
        take_thread(vcpu);
        asm volatile(
            "mov %0, %%rsp\n\t"
            "xor %%ebp, %%ebp\n\t"
            "call vcpus_enter\n\t"
            "ud2"
            :
            : "r"(stack_end), "D"(vcpu)
            : "memory");
    }).detach();
}

/// On the stack of the interrupted thread, which may continue on another vCPU: a signal's frame does not say where.
void take_signal(int signal) {
    if (signal == timer_signal) interrupts::raise(abi::event::timer);
    if (!interrupts::masked()) interrupts::deliver_pending();
}

void (*the_program)() = nullptr;

void main_thread(void*) {
    start_other_vcpus();
    the_program();
}

/// Before all other constructors: memory is allocated with interrupts masked.
[[gnu::constructor(101), gnu::used]] void prepare_first_vcpu() {
    set_segment_base = [](SegmentBase, std::uint64_t base) { syscall(SYS_arch_prctl, ARCH_SET_GS, base); };
    prepare_cpu(0, vcpus[0].events);
}

}  // namespace

Platform& platform() { return host; }

void panic(const char* format, ...) {
    interrupts::mask();
    std::va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    std::fputc('\n', stderr);
    std::abort();
}

void test::run_machine(std::uint32_t count, void (*program)()) {
    host.count = count;
    the_program = program;
    take_thread(0);
    struct sigaction action {};
    action.sa_handler = take_signal;
    action.sa_flags = SA_NODEFER;
    sigaction(kick_signal, &action, nullptr);
    sigaction(timer_signal, &action, nullptr);
    Scheduler::initialize();
    TimerQueue::initialize();
    if (!Thread::create({.name = "main", .stack_size = 1 << 20, .detached = true}, main_thread, nullptr)) std::abort();
    Scheduler::idle();
}

}  // namespace tenon
