// SPDX-License-Identifier: Apache-2.0
// The boot report.
#include "hv/machine/boot_report.h"

#include <fmt/format.h>

#include "hypercall/events.h"

namespace hv {

std::string boot_report(std::uint64_t hv_start_tsc, const BootTimes& times, const TicksToNs& to_ns) {
    const auto mark = [&times](tenon::abi::BootMark which) { return times.marks[static_cast<std::size_t>(which)]; };
    struct Phase {
        const char* name;
        std::uint64_t end;
    };
    // The mark `entry` shows the way from hv's hand-over into the guest: it belongs to the kernel's share.
    const Phase phases[] = {
        {"hv", times.guest_entry_tsc},
        {"guest kernel", mark(tenon::abi::BootMark::main)},
        {"application", mark(tenon::abi::BootMark::ready)},
    };
    std::string parts;
    std::uint64_t begin = hv_start_tsc;
    for (const Phase& phase : phases) {
        if (phase.end <= begin) continue;
        parts += fmt::format("{}{} {:.3f}", parts.empty() ? "" : ", ", phase.name,
                             static_cast<double>(to_ns(phase.end - begin)) / 1e6);
        begin = phase.end;
    }
    return fmt::format("boot {:.3f} ms: {}", static_cast<double>(to_ns(begin - hv_start_tsc)) / 1e6, parts);
}

}  // namespace hv
