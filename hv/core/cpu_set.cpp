// SPDX-License-Identifier: Apache-2.0
// Sets of CPUs as text, and as the kernel takes them.
#include "hv/core/cpu_set.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"
#include "hv/core/text.h"

namespace hv {

Result<CpuSet> CpuSet::parse(std::string_view text) {
    const auto wrong = [text](std::string_view why) {
        return fail(ErrorKind::usage, fmt::format("CPUs '{}': {} (a list, as in 0-2,5)", text, why));
    };
    CpuSet set;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t dash = part.find('-');
        const auto first = parse_number(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1));
        if (!first || !last) return wrong(fmt::format("'{}' is not a number or a range", part));
        if (*first > *last) return wrong(fmt::format("'{}' ends before it begins", part));
        if (*last >= capacity) return wrong(fmt::format("CPU {} is beyond {}", *last, capacity - 1));
        for (std::uint64_t cpu = *first; cpu <= *last; ++cpu) set.cpus_.set(cpu);
    }
    return set;
}

Result<CpuSet> CpuSet::of_this_thread() {
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0)
        return fail(ErrorKind::host_lacks, fmt::format("this host's CPUs: {}", std::strerror(errno)));
    CpuSet set;
    for (std::size_t cpu = 0; cpu < capacity; ++cpu) set.cpus_.set(cpu, CPU_ISSET(cpu, &mask));
    return set;
}

std::string CpuSet::text() const {
    std::string text;
    for (std::size_t first = 0; first < capacity; ++first) {
        if (!cpus_.test(first)) continue;
        std::size_t last = first;
        while (last + 1 < capacity && cpus_.test(last + 1)) ++last;
        text += fmt::format("{}{}", text.empty() ? "" : ",", first);
        if (last != first) text += fmt::format("-{}", last);
        first = last;
    }
    return text;
}

CpuSet CpuSet::without(const CpuSet& other) const {
    CpuSet set;
    set.cpus_ = cpus_ & ~other.cpus_;
    return set;
}

CpuSet CpuSet::common_with(const CpuSet& other) const {
    CpuSet set;
    set.cpus_ = cpus_ & other.cpus_;
    return set;
}

Result<> CpuSet::apply_to(pid_t thread) const {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    for (std::size_t cpu = 0; cpu < capacity; ++cpu)
        if (cpus_.test(cpu)) CPU_SET(cpu, &mask);
    if (sched_setaffinity(thread, sizeof mask, &mask) == 0) return {};
    const ErrorKind kind = errno == ESRCH    ? ErrorKind::not_found
                           : errno == EINVAL ? ErrorKind::usage
                                             : errno_kind(errno, ErrorKind::host_lacks);
    return fail(kind, fmt::format("a thread cannot be bound to the CPUs {}: {}", text(), std::strerror(errno)));
}

}  // namespace hv
