// SPDX-License-Identifier: Apache-2.0
// Memory that goes back to the host.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "measures.h"
#include "system.h"

namespace pvbench {

namespace {

constexpr std::uint64_t poll_ns = 200'000;

/// A counter's way from one value to where it stays.
struct Change {
    std::uint64_t bytes;  ///< 0: nothing happened in time
    std::uint64_t ns;     ///< from the last look that saw the old value to the first that saw the new one
};

/// Waits for at most `wait_ns` until value() differs from `from`, and then until it has not changed for `quiet_ns`.
template <typename Value>
Change watch(std::uint64_t from, std::uint64_t wait_ns, std::uint64_t quiet_ns, Value value) {
    std::uint64_t begin = now_ns(), changed = begin, last = from;
    const std::uint64_t deadline = begin + wait_ns;
    for (;;) {
        const std::uint64_t now = now_ns(), current = value();
        if (current != last)
            changed = now;
        else if (last == from)
            begin = now;
        last = current;
        if (last == from ? now >= deadline : now - changed >= quiet_ns) break;
        usleep(poll_ns / 1000);
    }
    return {last > from ? last - from : from - last, changed - begin};
}

/// The host is asked, on the console, to move the balloon in this direction, once.
Outcome follow_host(const Options& options, bool inflate) {
    if (const auto possible = system::ballooned_bytes(); !possible) return LeaveOut(possible.error());
    if (options.balloon_seconds == 0)
        return LeaveOut("the host has to change the balloon meanwhile: --balloon SECONDS waits for that");
    constexpr std::uint64_t quiet_ns = 300'000'000;
    const auto ballooned = [] { return *system::ballooned_bytes(); };
    const std::uint64_t before = ballooned();
    std::printf("pvbench: waiting for the balloon to %s\n", inflate ? "inflate" : "deflate");
    std::fflush(stdout);
    const Change change = watch(before, options.balloon_seconds * std::uint64_t{1'000'000'000}, quiet_ns, ballooned);
    if (change.bytes == 0 || (ballooned() > before) != inflate)
        return LeaveOut("the host did not change the balloon in this direction within " +
                        std::to_string(options.balloon_seconds) + " s");
    return one_sample(megabytes_per_second(static_cast<double>(change.bytes), static_cast<double>(change.ns)));
}

constexpr std::size_t page = 4096;

std::size_t part_of_free_memory(std::size_t part, std::size_t most) {
    const std::size_t free =
        static_cast<std::size_t>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return std::min(free / part, most) / page * page;
}

/// Memory whose pages have been written to.
char* written_memory(std::size_t size) {
    auto* memory = static_cast<char*>(aligned_alloc(page, size));
    if (memory != nullptr) std::memset(memory, 1, size);
    return memory;
}

}  // namespace

Outcome balloon_inflate(const Options& options) { return follow_host(options, true); }
Outcome balloon_deflate(const Options& options) { return follow_host(options, false); }

Outcome balloon_report(const Options& options) {
    if (const auto possible = system::reported_bytes(); !possible) return LeaveOut(possible.error());
    // The kernel reports free memory some time after it was freed: the wait before is not counted, the pauses between
    // reports are.
    constexpr std::uint64_t wait_ns = 6'000'000'000, quiet_ns = 300'000'000;
    const auto reported = [] { return *system::reported_bytes(); };
    Samples samples;
    for (unsigned i = 0; i != (options.quick ? 1 : std::min(options.repetitions, 3U)); ++i) {
        const std::size_t size = part_of_free_memory(4, std::size_t{64} << 20);
        const std::uint64_t before = reported();
        char* memory = written_memory(size);
        keep(memory);  // else the compiler leaves all of it out
        std::free(memory);
        system::trim_memory();
        const Change change = watch(before, wait_ns, quiet_ns, reported);
        if (change.bytes < size / 2 || change.ns == 0)
            return LeaveOut("the kernel did not report memory that was freed within " +
                            std::to_string(wait_ns / 1'000'000'000) + " s");
        samples.repetitions.push_back(
            {megabytes_per_second(static_cast<double>(change.bytes), static_cast<double>(change.ns))});
    }
    return samples;
}

Outcome zero_scan(const Options&) {
    const auto before = system::zero_scan_work();
    if (!before) return LeaveOut(before.error());
    // The counters are the kernel's own: bytes that it has looked at, and the CPU time of that.
    constexpr std::uint64_t wait_ns = 12'000'000'000;
    const std::size_t size = part_of_free_memory(4, std::size_t{64} << 20);
    char* memory = written_memory(size);
    if (memory == nullptr) return LeaveOut("there is not enough memory");
    std::memset(memory, 0, size);
    keep(memory);
    const auto scanned = [&] { return system::zero_scan_work()->bytes; };
    const std::uint64_t deadline = now_ns() + wait_ns;
    while (scanned() - before->bytes < size / 2 && now_ns() < deadline) usleep(10'000);
    const auto after = system::zero_scan_work();
    std::free(memory);
    const std::uint64_t bytes = after->bytes - before->bytes, ns = after->ns - before->ns;
    if (bytes == 0 || ns == 0)
        return LeaveOut("the kernel looked at no page within " + std::to_string(wait_ns / 1'000'000'000) + " s");
    return one_sample(megabytes_per_second(static_cast<double>(bytes), static_cast<double>(ns)));
}

}  // namespace pvbench
