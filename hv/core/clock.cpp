// SPDX-License-Identifier: Apache-2.0
// The guest's clock page.
#include "hv/core/clock.h"

#include <fcntl.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

namespace hv {

namespace {

constexpr double ns_per_second = 1e9;
constexpr std::uint64_t millisecond = 1'000'000;

std::uint64_t read_clock(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// CLOCK_MONOTONIC starts anew at a boot, so pairs of different boots have nothing to do with each other.
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

// Taken by a constructor: by the time a guest needs its clock, the start-up itself has been a baseline.
const ClockPair start_pair = sample_clock_pair(host_tsc);

}  // namespace

const ClockPair& process_start_pair() { return start_pair; }

std::uint64_t host_tsc() { return __rdtsc(); }

ClockPair sample_clock_pair(const TscReader& tsc) {
    ClockPair best{};
    std::uint64_t best_width = ~0ULL;
    for (int attempt = 0; attempt < 4; ++attempt) {
        const std::uint64_t before = tsc();
        const std::uint64_t now = read_clock(CLOCK_MONOTONIC);
        const std::uint64_t width = tsc() - before;
        if (width >= best_width) continue;
        best_width = width;
        best = {before + width / 2, now};
    }
    return best;
}

std::optional<double> tsc_frequency(const ClockPair& earlier, const ClockPair& later) {
    if (later.tsc <= earlier.tsc || later.monotonic_ns <= earlier.monotonic_ns) return std::nullopt;
    const double hz = static_cast<double>(later.tsc - earlier.tsc) /
                      static_cast<double>(later.monotonic_ns - earlier.monotonic_ns) * ns_per_second;
    if (hz < 1e8 || hz > 2e10) return std::nullopt;
    return hz;
}

ClockScale clock_scale(double tsc_hz) {
    // mul in [2^31, 2^32) gives 31 bits of precision.
    double ns_per_tick = ns_per_second / tsc_hz;
    int shift = 0;
    for (; ns_per_tick >= 1.0; ns_per_tick /= 2) ++shift;
    for (; ns_per_tick < 0.5; ns_per_tick *= 2) --shift;
    const double mul = std::min(std::round(std::ldexp(ns_per_tick, 32)), 4294967295.0);
    return {static_cast<std::uint32_t>(mul), static_cast<std::int8_t>(shift)};
}

std::uint64_t scale_ticks(std::uint64_t ticks, ClockScale scale) {
    const std::uint64_t shifted = scale.shift >= 0 ? ticks << scale.shift : ticks >> -scale.shift;
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(shifted) * scale.mul) >> 32);
}

MachineClock::MachineClock(tenon::abi::ClockPage& page, TscReader tsc, std::string cache_file)
    : page_(page), tsc_(std::move(tsc)), cache_file_(std::move(cache_file)) {}

MachineClock::~MachineClock() {
    if (loop_ != nullptr) loop_->cancel(timer_);
}

void MachineClock::start() {
    creation_ = sample_clock_pair(tsc_);
    // The start pair is of the host's TSC; a reader with an offset has the same rate.
    const ClockPair now = sample_clock_pair(host_tsc);
    base_ = start_pair;
    if (!cache_file_.empty()) read_cache(now);
    // hv's own start-up is short, but an absurd answer is out of the question unless the TSC is broken: 1 GHz then.
    const double hz = tsc_frequency(base_, now).value_or(1e9);
    publish(creation_.tsc, 0, hz, static_cast<std::int64_t>(creation_.monotonic_ns));
    // Later refreshes compare readings of `tsc_`, so the base moves to its scale.
    base_.tsc += creation_.tsc - now.tsc;
    base_.monotonic_ns += creation_.monotonic_ns - now.monotonic_ns;
}

void MachineClock::publish(std::uint64_t tsc, std::uint64_t system_time, double hz, std::int64_t monotonic_offset) {
    scale_ = clock_scale(hz);
    page_tsc_ = tsc;
    page_ns_ = system_time;
    const auto update = [](std::atomic<std::uint32_t>& version, auto&& write) {
        version.fetch_add(1);  // odd: readers retry
        std::atomic_thread_fence(std::memory_order_seq_cst);
        write();
        std::atomic_thread_fence(std::memory_order_seq_cst);
        version.fetch_add(1);
    };
    update(page_.clock.version, [&] {
        page_.clock.tsc_timestamp = page_tsc_;
        page_.clock.system_time = page_ns_;
        page_.clock.tsc_to_system_mul = scale_.mul;
        page_.clock.tsc_shift = scale_.shift;
    });
    update(page_.wall.version, [&] {
        page_.wall.realtime_ns = read_clock(CLOCK_REALTIME);
        page_.wall.system_time = guest_ns(tsc_());
    });
    page_.host_monotonic_offset.store(monotonic_offset);
}

std::uint64_t MachineClock::guest_ns(std::uint64_t tsc) const {
    return page_ns_ + scale_ticks(tsc < page_tsc_ ? 0 : tsc - page_tsc_, scale_);
}

void MachineClock::pause() {
    if (!paused_ns_) paused_ns_ = guest_ns(tsc_());
}

void MachineClock::resume() {
    if (!paused_ns_) return;
    const std::uint64_t stood_at = *std::exchange(paused_ns_, std::nullopt);
    const ClockPair now = sample_clock_pair(tsc_);
    creation_.monotonic_ns = now.monotonic_ns - stood_at;
    page_.generation.fetch_add(1);
    publish(now.tsc, stood_at, tsc_frequency(base_, now).value_or(1e9),
            static_cast<std::int64_t>(now.monotonic_ns - stood_at));
}

void MachineClock::refresh(std::uint64_t next_ns) {
    if (paused_ns_) return;
    const ClockPair now = sample_clock_pair(tsc_);
    const auto hz = tsc_frequency(base_, now);
    if (!hz) return;
    const std::uint64_t shown = guest_ns(now.tsc);
    const double error =
        static_cast<double>(static_cast<std::int64_t>(now.monotonic_ns - creation_.monotonic_ns - shown));
    // Positive error: guest time is behind and runs faster until the next refresh. At most 0.05 %, as NTP slews.
    const double bend = std::clamp(error / static_cast<double>(next_ns), -5e-4, 5e-4);
    publish(now.tsc, shown, *hz / (1.0 + bend), static_cast<std::int64_t>(now.monotonic_ns - shown));
}

void MachineClock::keep_exact(EventLoop& loop) {
    loop_ = &loop;
    schedule(10 * millisecond);
}

void MachineClock::schedule(std::uint64_t delay_ns) {
    timer_ = loop_->after(delay_ns, [this, delay_ns] {
        const std::uint64_t next = std::min(delay_ns * 10, 60'000 * millisecond);
        refresh(next);
        if (!cache_file_.empty() && !cache_is_fresh_) write_cache();
        schedule(next);
    });
}

void MachineClock::read_cache(const ClockPair& now) {
    CacheRecord record{};
    const int fd = open(cache_file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return;
    const ssize_t size = read(fd, &record, sizeof record);
    close(fd);
    if (size != static_cast<ssize_t>(sizeof record) || record.format != cache_format || boot_id() != record.boot)
        return;
    const auto from_cache = tsc_frequency(record.pair, now);
    const auto from_start = tsc_frequency(start_pair, now);
    // A start-up of 0.3 ms gives the frequency to better than 0.1 %. A cached pair that says something else was
    // damaged, or the TSC jumped (the host was suspended or moved).
    if (!from_cache || !from_start || std::abs(*from_cache / *from_start - 1.0) > 2e-3) return;
    // A younger cache than the start-up's own baseline has nothing to offer.
    if (record.pair.monotonic_ns >= start_pair.monotonic_ns) return;
    base_ = record.pair;
    cache_is_fresh_ = true;
}

void MachineClock::write_cache() {
    cache_is_fresh_ = true;  // one attempt: a directory that cannot be written is no reason to try again
    const auto boot = boot_id();
    if (!boot) return;
    const CacheRecord record{*boot, cache_format, sample_clock_pair(host_tsc)};
    // Written whole under another name, so that a reader never sees half of it.
    const std::string temporary = cache_file_ + "." + std::to_string(getpid());
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return;
    const bool whole = write(fd, &record, sizeof record) == static_cast<ssize_t>(sizeof record);
    close(fd);
    if (!whole || rename(temporary.c_str(), cache_file_.c_str()) != 0) unlink(temporary.c_str());
}

}  // namespace hv
