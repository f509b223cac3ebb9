// SPDX-License-Identifier: Apache-2.0
// What it costs to leave the guest.
#include <cpuid.h>

#include "measures.h"
#include "system.h"

namespace pvbench {

namespace {

constexpr int calls = 100;

template <typename Call>
Outcome time_calls(const Options& options, Call call) {
    return take_samples(options, {.samples = 200, .warm_up = 10}, [&] {
        return time_of([&] {
                   for (int i = 0; i != calls; ++i) call();
               }) /
               calls;
    });
}

}  // namespace

Outcome hypercall(const Options& options) {
    if (const auto possible = system::null_hypercall(); !possible) return LeaveOut(possible.error());
    return time_calls(options, [] { (void)system::null_hypercall(); });
}

Outcome exit_to_kernel(const Options& options) {
    if (const auto possible = system::cpuid_exits(); !possible) return LeaveOut(possible.error());
    return time_calls(options, [] {
        unsigned a, b, c, d;
        __cpuid(0, a, b, c, d);
        keep(a);
    });
}

Outcome exit_to_monitor(const Options& options) {
    // The port that a PC's firmware writes its progress to: hypervisors take it and do nothing.
    if (const auto possible = system::allow_port_80(); !possible) return LeaveOut(possible.error());
    return time_calls(options, [] { asm volatile("outb %%al, $0x80" : : "a"(0)); });
}

}  // namespace pvbench
