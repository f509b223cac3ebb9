// SPDX-License-Identifier: Apache-2.0
// The balloon driver.
#include "balloon/balloon.h"

#include <algorithm>
#include <mutex>

#include "kernel/mm/memory_counters.h"
#include "kernel/time/clock.h"

namespace tenon::balloon {

namespace {

/// 1 MiB: fewer pages are not worth a message to the host, in either direction.
constexpr std::uint64_t least_step = (1 << 20) / page_size;
constexpr Nanoseconds rest = 1'000'000'000;

}  // namespace

Balloon::Balloon(virtio::Transport& transport, LockedZone& zone, std::uint64_t floor, const Hooks& hooks)
    : zone_(zone),
      hooks_(hooks),
      device_(
          transport, [](void* self) { static_cast<Balloon*>(self)->hooks_.changed(); }, this),
      inflation_(device_, zone, floor),
      hinting_(device_, zone, floor),
      statistics_(device_),
      reporter_(device_, zone) {}

Result<> Balloon::start() {
    device_.give_up();
    {
        const std::lock_guard lock(mutex_);
        inflation_.forget();
        hinting_.forget();
    }
    CHECK(device_.bring_up());
    actual_ = 0;
    device_.write_actual(actual_);
    return {};
}

Balloon::Served Balloon::serve() {
    if (!device_.usable()) return Served::broken;
    if (!statistics_.serve() && !device_.usable()) return Served::broken;
    {
        const std::lock_guard lock(mutex_);
        if (!hinting_.serve() && !device_.usable()) return Served::broken;
    }
    return adjust();
}

Balloon::Served Balloon::adjust() {
    const std::unique_lock lock(mutex_);
    // The target is only a wish: there cannot be more pages in the balloon than there are.
    const std::uint64_t total = zone_.with([](const Zone& zone) { return zone.pages.total_pages(); });
    const std::uint64_t target = std::min<std::uint64_t>(device_.target(), total), now = inflation_.pages();
    if (target == now) {
        write_actual();
        return Served::idle;
    }
    if (target > now && monotonic_now() < rest_end()) return Served::resting;
    const Result<std::uint64_t> moved = target > now ? inflation_.grow(target - now) : inflation_.shrink(now - target);
    if (!device_.usable()) return Served::broken;
    write_actual();
    if (moved && *moved != 0) return Served::more;
    watch_for_room(target - now);
    return Served::out_of_room;
}

void Balloon::write_actual() {
    const auto pages = static_cast<std::uint32_t>(inflation_.pages());
    if (pages == actual_) return;
    actual_ = pages;
    device_.write_actual(pages);
}

void Balloon::watch_for_room(std::uint64_t missing) {
    const std::uint64_t room = inflation_.floor() + std::min(missing, least_step);
    zone_.with([&](Zone& zone) { zone.pages.watch_surplus(room, hooks_.changed); });
}

std::uint64_t Balloon::give_memory(std::uint64_t wanted) {
    const std::lock_guard lock(mutex_);
    // Set before any page is freed, because the thread that inflates the balloon is more urgent.
    rest_end_.store(monotonic_now() + rest);
    std::uint64_t given = hinting_.release();
    if (!device_.has_feature(VIRTIO_BALLOON_F_DEFLATE_ON_OOM)) return given * page_size;
    std::uint64_t left = std::max(wanted / page_size + 1, least_step);
    while (given < left && inflation_.pages() != 0) {
        const Result<std::uint64_t> taken = inflation_.shrink(left - given);
        if (!taken || *taken == 0) break;
        given += *taken;
        count_memory(abi::MemoryCounter::out_of_memory_deflations, *taken);
    }
    if (given == 0 || !device_.usable()) return given * page_size;
    write_actual();
    // The host gets the memory back as soon as it is free again.
    watch_for_room(least_step);
    return given * page_size;
}

}  // namespace tenon::balloon
