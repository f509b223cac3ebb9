// SPDX-License-Identifier: Apache-2.0
// Judging the speed of ring-0 code by the time of a loop.
#include "hv/accel/kvm/speed.h"

#include <fmt/format.h>

#include <algorithm>

namespace hv {

Result<KvmSpeed> judge_speed(const LoopTimer& time_loop) {
    constexpr double wanted_mips = 50;
    // An emulation in the kernel of the host reaches two, a processor some thousands.
    constexpr double emulated_mips = 10;
    constexpr int measurements = 12;
    // Longer than entry and exit, whose cost differs a hundredfold between hosts.
    constexpr std::uint64_t clear_ns = 200'000, shortest = 50, growth = 8, longest = 25'600;
    double mips = 0;
    std::uint64_t iterations = shortest;
    for (int i = 0; i < measurements && mips < wanted_mips; ++i) {
        TRY(const std::uint64_t ns, time_loop(iterations));
        mips = std::max(mips, 2'000.0 * static_cast<double>(iterations) / static_cast<double>(std::max(ns, 1UL)));
        if (ns < clear_ns && iterations < longest) iterations *= growth;
    }
    KvmSpeed speed{.fast = mips >= wanted_mips, .emulated = mips < emulated_mips, .reason = {}};
    const char* const how = speed.fast ? "runs at" : speed.emulated ? "is emulated:" : "is slow:";
    speed.reason = fmt::format("ring 0 {} {:.1f} million instructions a second", how, mips);
    return speed;
}

}  // namespace hv
