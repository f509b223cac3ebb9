// SPDX-License-Identifier: Apache-2.0
// Measuring the time that a guest had to run.
#include "hv/watchdog/guest_time.h"

#include <algorithm>
#include <array>

#include "hv/core/text_file.h"

namespace hv {

std::optional<GuestActivity> parse_activity(std::string_view status) {
    constexpr std::string_view name = "\nState:\t";
    const std::size_t found = status.find(name);
    if (found == std::string_view::npos || found + name.size() >= status.size()) return std::nullopt;
    // States of proc(5). Only in R and S could the guest answer.
    switch (status[found + name.size()]) {
        case 'R': return GuestActivity::running;
        case 'S': return GuestActivity::sleeping;
        default: return GuestActivity::held;
    }
}

GuestActivity read_activity(const FileDescriptor& status) {
    std::array<char, 256> text;
    return parse_activity(read_start(status, text)).value_or(GuestActivity::held);
}

void GuestTime::look(GuestActivity activity, std::uint64_t now_ns, std::uint64_t cpu_ns) {
    if (last_) {
        const std::uint64_t passed = now_ns - last_now_ns_, used = cpu_ns - last_cpu_ns_;
        std::uint64_t had = 0;
        if (activity == GuestActivity::sleeping && last_ == GuestActivity::sleeping) had = passed;
        if (activity == GuestActivity::running || last_ == GuestActivity::running) had = used;
        had_ns_ += std::min(had, longest_step_ns_);
    }
    last_ = activity;
    last_now_ns_ = now_ns;
    last_cpu_ns_ = cpu_ns;
}

}  // namespace hv
