// SPDX-License-Identifier: Apache-2.0
// The CPU files of cgroup v1 and v2.
#include "hv/core/cpu_cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"
#include "hv/core/text_file.h"

namespace hv {

namespace {

/// The names of the files, and what their values are made of.
struct Names {
    const char *quota, *burst, *weight;
    const char* throttled_time;
    std::uint64_t ns_per_unit;  ///< of throttled_time
};
constexpr Names v1_names{"cpu.cfs_quota_us", "cpu.cfs_burst_us", "cpu.shares", "throttled_time", 1};
constexpr Names v2_names{"cpu.max", "cpu.max.burst", "cpu.weight", "throttled_usec", 1000};

const Names& names_of(CgroupVersion version) { return version == CgroupVersion::v1 ? v1_names : v2_names; }

std::string quota_text(CgroupVersion version, const std::optional<std::uint32_t>& millicpus) {
    if (version == CgroupVersion::v1) return millicpus ? fmt::format("{}", cpu_quota_us(*millicpus)) : "-1";
    return fmt::format("{} {}", millicpus ? fmt::format("{}", cpu_quota_us(*millicpus)) : "max", cpu_period_us);
}

/// The kernel's defaults, 1024 and 100, are default_cpu_shares.
std::uint32_t weight_of(CgroupVersion version, std::uint32_t shares) {
    if (version == CgroupVersion::v1)
        return static_cast<std::uint32_t>((static_cast<std::uint64_t>(shares) * 1024 + 500) / default_cpu_shares);
    return std::max(1U, (shares * 100 + default_cpu_shares / 2) / default_cpu_shares);
}

std::unexpected<Error> cannot(const std::string& path, const char* name, std::string_view what) {
    if (errno == ENODEV)
        return fail(ErrorKind::not_found, fmt::format("cgroup '{}': another program has removed it (stop the machine, "
                                                      "and start it again)",
                                                      path));
    // What the kernel does not take is somebody's value.
    const ErrorKind kind =
        errno == EINVAL || errno == ERANGE ? ErrorKind::usage : errno_kind(errno, ErrorKind::host_lacks);
    const char* hint = kind == ErrorKind::usage ? " (does a parent cgroup allow less?)" : "";
    return fail(kind, fmt::format("cgroup '{}': {}: {}: {}{}", path, name, what, std::strerror(errno), hint));
}

}  // namespace

std::optional<CpuThrottling> parse_throttling(std::string_view text, CgroupVersion version) {
    const Names& names = names_of(version);
    const auto periods = parse_statistic(text, "nr_throttled"), time = parse_statistic(text, names.throttled_time);
    if (!periods || !time) return std::nullopt;
    return CpuThrottling{*periods, *time * names.ns_per_unit};
}

Result<CpuCgroup> CpuCgroup::open(const CgroupPlace& place) {
    const Names& names = names_of(place.version);
    const auto open_file = [&place](const char* name, int flags) {
        return FileDescriptor(::open(fmt::format("{}/{}", place.path, name).c_str(), flags | O_CLOEXEC));
    };
    CpuCgroup cgroup(place);
    cgroup.quota_ = open_file(names.quota, O_WRONLY);
    if (!cgroup.quota_) return cannot(place.path, names.quota, "cannot be opened");
    cgroup.weight_ = open_file(names.weight, O_WRONLY);
    if (!cgroup.weight_) return cannot(place.path, names.weight, "cannot be opened");
    cgroup.burst_ = open_file(names.burst, O_WRONLY);
    cgroup.statistics_ = open_file("cpu.stat", O_RDONLY);
    // A parent may hand on another period to its children than the kernel's own.
    if (place.version == CgroupVersion::v1) {
        const FileDescriptor period = open_file("cpu.cfs_period_us", O_WRONLY);
        CHECK(cgroup.write(period, "cpu.cfs_period_us", fmt::format("{}", cpu_period_us)));
    }
    return cgroup;
}

Result<> CpuCgroup::write(const FileDescriptor& file, const char* name, std::string_view value) const {
    const std::string line = fmt::format("{}\n", value);
    if (pwrite(file.get(), line.data(), line.size(), 0) == static_cast<ssize_t>(line.size())) return {};
    return cannot(place_.path, name, fmt::format("it does not take '{}'", value));
}

Result<> CpuCgroup::set(const CpuBounds& bounds) {
    const Names& names = names_of(place_.version);
    if (bounds.burst_us != 0 && !burst_)
        return fail(ErrorKind::host_lacks, fmt::format("cgroup '{}': this kernel has no {} (Linux 5.14 has it): leave "
                                                       "the burst out",
                                                       place_.path, names.burst));
    const std::uint32_t weight = weight_of(place_.version, bounds.shares);
    CHECK(write(weight_, names.weight, fmt::format("{}", weight)));
    // A burst is at most the quota, also between these two writes.
    if (burst_) CHECK(write(burst_, names.burst, "0"));
    CHECK(write(quota_, names.quota, quota_text(place_.version, bounds.limit_millicpus)));
    if (bounds.burst_us != 0) CHECK(write(burst_, names.burst, fmt::format("{}", bounds.burst_us)));
    return {};
}

std::optional<CpuThrottling> CpuCgroup::throttling() const {
    std::array<char, 1024> text;
    return parse_throttling(read_start(statistics_, text), place_.version);
}

Result<> set_cpuset(const CgroupPlace& place, const CpuSet& cpus, std::uint32_t node) {
    // The memory first: v1 takes no process before it has both.
    for (const auto& [name, value] :
         {std::pair{"cpuset.mems", fmt::format("{}", node)}, std::pair{"cpuset.cpus", cpus.text()}}) {
        const auto set = write_text_file(fmt::format("{}/{}", place.path, name), value);
        if (!set)
            return fail(set.error().kind, fmt::format("cpuset cgroup: '{}' is not taken: {} (does the parent cgroup "
                                                      "have it?)",
                                                      value, set.error().message));
    }
    return {};
}

}  // namespace hv
