// SPDX-License-Identifier: Apache-2.0
// A file with one clock pair.
#include "hv/core/clock_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace hv {

namespace {

// CLOCK_MONOTONIC restarts at each boot: pairs of different boots cannot be compared.
using BootId = std::array<char, 36>;

std::optional<BootId> boot_id() {
    BootId id{};
    const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    const ssize_t size = read(fd, id.data(), id.size());
    close(fd);
    if (size != static_cast<ssize_t>(id.size())) return std::nullopt;
    return id;
}

struct CacheRecord {
    BootId boot;
    std::uint32_t format;
    ClockPair pair;
};
constexpr std::uint32_t cache_format = 1;

void write_clock_cache(const std::string& file, const ClockPair& pair) {
    const auto boot = boot_id();
    if (!boot) return;
    const CacheRecord record{*boot, cache_format, pair};
    // Written under a temporary name and then renamed, so that no reader sees half of it.
    const std::string temporary = file + "." + std::to_string(getpid());
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return;
    const bool whole = write(fd, &record, sizeof record) == static_cast<ssize_t>(sizeof record);
    close(fd);
    if (!whole || rename(temporary.c_str(), file.c_str()) != 0) unlink(temporary.c_str());
}

}  // namespace

std::optional<ClockPair> read_clock_cache(const std::string& file, const ClockPair& start, const ClockPair& now) {
    CacheRecord record{};
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return std::nullopt;
    const ssize_t size = read(fd, &record, sizeof record);
    close(fd);
    if (size != static_cast<ssize_t>(sizeof record) || record.format != cache_format || boot_id() != record.boot)
        return std::nullopt;
    const auto from_cache = tsc_frequency(record.pair, now);
    const auto from_start = tsc_frequency(start, now);
    // A start-up of 0.3 ms measures the frequency to better than 0.1 %. Where the cached pair disagrees, the file is
    // damaged, or the TSC has jumped since (the host was suspended or migrated).
    if (!from_cache || !from_start || std::abs(*from_cache / *from_start - 1.0) > 2e-3) return std::nullopt;
    // A pair that is younger than hv's own start gives a shorter interval than the start does.
    if (record.pair.ns >= start.ns) return std::nullopt;
    return record.pair;
}

ClockPair first_clock_pair(const std::string& file) {
    const ClockPair start = process_start_pair(), now = sample_clock_pair();
    if (const auto cached = read_clock_cache(file, start, now)) return *cached;
    write_clock_cache(file, now);
    return start;
}

}  // namespace hv
