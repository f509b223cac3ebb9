// SPDX-License-Identifier: Apache-2.0
// What the threads of a machine's vCPUs may do to each other and to the host. The runner gives these cases two vCPUs.
#include <asm/unistd_64.h>
#include <linux/sched.h>

#include "tests/escape/guest/guest.h"

namespace escape {

namespace {

// asm/signal.h, whose types are not those of the C library.
constexpr int signal_kill = 9, signal_kick = 10, signal_timer = 12, signal_stop = 19;

void (*volatile second_runs)() = nullptr;

/// Releases the thread of vCPU 1, as the kernel does, and leaves the rest to it.
void on_second(void (*function)()) {
    second_runs = function;
    auto& state = events().vcpu[1].state;
    state.store(tenon::abi::VcpuState::running);
    system_call(__NR_futex, &state, 1, 1);
    for (;;) asm volatile("pause");
}

template <int number, typename... Arguments>
void call(Arguments... arguments) {
    system_call(number, arguments...);
}

void kick(std::uint64_t thread) {
    require(system_call(__NR_tgkill, 1, thread, signal_kick) == 0, "a vCPU cannot be interrupted");
    // The other one's handler ends the machine.
    for (;;) asm volatile("pause");
}

}  // namespace

extern "C" [[noreturn]] void escape_second() {
    second_runs();
    shut_down(0);
}

#define FORBIDDEN(name, ...)                         \
    {                                                \
        name, Expect::forbidden, [] { __VA_ARGS__; } \
    }
#define ON_SECOND(name, expected, ...)                                 \
    {                                                                  \
        name, Expect::expected, [] { on_second([] { __VA_ARGS__; }); } \
    }

const Case vcpu_cases[] = {
    ON_SECOND("vcpus_run", harmless, ),
    // The one signal between vCPUs, also to a thread that still waits to be started.
    {"vcpus_kick_parked", Expect::trap, [] { kick(2); }},
    ON_SECOND("vcpus_kick_first", trap, kick(1)),
    // Another signal, process or thread.
    FORBIDDEN("vcpus_kill", call<__NR_tgkill>(1, 2, signal_kill)),
    FORBIDDEN("vcpus_stop", call<__NR_tgkill>(1, 2, signal_stop)),
    FORBIDDEN("vcpus_timer_signal", call<__NR_tgkill>(1, 2, signal_timer)),
    FORBIDDEN("vcpus_probe", call<__NR_tgkill>(1, 2, 0)),
    FORBIDDEN("vcpus_kick_process_2", call<__NR_tgkill>(2, 2, signal_kick)),
    FORBIDDEN("vcpus_kick_process_0", call<__NR_tgkill>(0, 1, signal_kick)),
    FORBIDDEN("vcpus_kick_thread_3", call<__NR_tgkill>(1, 3, signal_kick)),
    FORBIDDEN("vcpus_kick_high", call<__NR_tgkill>(1, 2 + (1ULL << 32), signal_kick)),
    FORBIDDEN("vcpus_tkill", call<__NR_tkill>(2, signal_kick)),
    FORBIDDEN("vcpus_kill_process", call<__NR_kill>(1, signal_kick)),
    FORBIDDEN("vcpus_signal_with_value", call<__NR_rt_tgsigqueueinfo>(1, 2, signal_kick, &events())),
    // A thread is never made and never ends: hv knows it by its id.
    FORBIDDEN("vcpus_clone", call<__NR_clone>(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, &escape_data_page, 0, 0, 0)),
    FORBIDDEN("vcpus_exit", call<__NR_exit>(0)),
    // The second thread has the same filter.
    ON_SECOND("vcpus_second_clones", forbidden,
              call<__NR_clone>(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, &escape_data_page, 0, 0, 0)),
    ON_SECOND("vcpus_second_exits", forbidden, call<__NR_exit>(0)),
    ON_SECOND("vcpus_second_opens", forbidden, call<__NR_open>("/etc/passwd", 0)),
    ON_SECOND("vcpus_second_maps", forbidden, call<__NR_mmap>(0, 4096, 7, 0x22, -1, 0)),
    ON_SECOND("vcpus_second_stack", forbidden, call<__NR_sigaltstack>(&escape_data_page, 0)),
    ON_SECOND("vcpus_second_filters", forbidden, call<__NR_prctl>(22, 0, 0, 0, 0)),
    ON_SECOND("vcpus_second_timer", forbidden, call<__NR_timer_settime>(2, 1, &escape_data_page, 0)),
    ON_SECOND("vcpus_second_faults", trap, *reinterpret_cast<volatile int*>(8) = 1),
    {nullptr, Expect::harmless, nullptr},
};

}  // namespace escape
