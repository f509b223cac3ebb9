// SPDX-License-Identifier: Apache-2.0
// The balloon device: giving it buffers, and taking them back.
#include "balloon/device.h"

#include <algorithm>
#include <array>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/time/clock.h"

namespace tenon::balloon {

namespace {

/// Enough for a batch of page numbers, and for a report in one chain without indirect descriptors.
constexpr std::uint16_t large_queue = 64, small_queue = 4;
constexpr std::uint16_t longest_report = 32;

}  // namespace

BalloonDevice::BalloonDevice(virtio::Transport& transport, void (*changed)(void*), void* context)
    : Device(transport), changed_(changed), context_(context) {
    prepare({.required = 0, .optional = wanted_features}, {});
}

Result<> BalloonDevice::bring_up() {
    give_up();
    CHECK(restart([](std::uint32_t, void*) {}));
    configuration_changes_.fetch_add(1);
    usable_.store(true);
    return {};
}

void BalloonDevice::negotiated() {
    std::uint64_t features = 0;
    for (unsigned number = 0; number <= VIRTIO_BALLOON_F_REPORTING; ++number)
        if (has_feature(number)) features |= virtio::feature_bit(number);
    layout_ = QueueLayout(features);
    std::array<QueueWish, 5> wishes{};
    for (const Role role : {Role::inflate, Role::deflate, Role::statistics, Role::hinting, Role::reporting}) {
        if (!layout_.has(role)) continue;
        wishes[layout_.index(role)] = {.size = role == Role::statistics ? small_queue : large_queue,
                                       .indirect_entries = role == Role::reporting ? longest_report : std::uint16_t{0}};
    }
    set_queues(std::span(wishes).first(layout_.count()));
    // Section 5.5.6.6: written before DRIVER_OK. The device may then change a page that reads as zeros only to zeros.
    if (has_feature(VIRTIO_BALLOON_F_PAGE_POISON)) write_configuration<std::uint32_t>(poison_offset, 0);
}

void BalloonDevice::wake() {
    changes_.fetch_add(1);
    waiting_.wake_all();
    changed_(context_);
}

void BalloonDevice::give_up() {
    {
        SpinLock::Guard guard(lock_);
        if (!usable_.exchange(false)) return;
        shut_down();
        lose_everything();
    }
    wake();
}

void BalloonDevice::lose_everything() {
    for (std::uint32_t index = 0; index < layout_.count(); ++index) {
        while (void* cookie = queue(index).take_unused()) {
            auto& batch = *static_cast<Batch*>(cookie);
            batch.lost = true;
            --batch.out;
            if (batch.parked != nullptr) batch.parked->out = false;
        }
    }
}

/// Takes back used buffers of all batches of this queue, whichever thread calls it.
void BalloonDevice::take_back(Role role) {
    bool others = false;
    for (;;) {
        const auto used = queue(layout_.index(role)).take_used();
        if (!used || !*used) break;
        auto& batch = *static_cast<Batch*>((*used)->cookie);
        --batch.out;
        if (batch.parked != nullptr) batch.parked->out = false;
        others = true;
    }
    if (!others) return;
    changes_.fetch_add(1);
    waiting_.wake_all();
}

bool BalloonDevice::add(Role role, Direction direction, std::span<const Piece> pieces, Batch& batch) {
    const std::span<const Piece> none;
    const bool writes = direction == Direction::device_writes;
    if (!queue(layout_.index(role)).add(writes ? none : pieces, writes ? pieces : none, &batch)) return false;
    ++batch.out;
    return true;
}

BalloonDevice::Progress BalloonDevice::advance(Role role, Direction direction, std::span<const Piece>& left,
                                               std::size_t pieces_per_chain, Batch& batch) {
    bool ring = false, all_used = false;
    {
        SpinLock::Guard guard(lock_);
        if (batch.lost || !usable()) return Progress::lost;
        take_back(role);
        if (!usable()) return Progress::lost;  // the ring is wrong
        virtio::Virtqueue& queue = Device::queue(layout_.index(role));
        while (!left.empty()) {
            // Without indirect descriptors a chain is no longer than the queue.
            const std::size_t length = std::min({left.size(), pieces_per_chain, std::size_t{queue.size()}});
            if (!add(role, direction, left.first(length), batch)) break;
            left = left.subspan(length);
        }
        ring = queue.publish();
        all_used = left.empty() && batch.out == 0;
    }
    if (ring) notify(layout_.index(role));
    return all_used ? Progress::all_used : Progress::waiting;
}

void BalloonDevice::wait_for_change(Role role, std::uint32_t seen, const Batch& batch, Nanoseconds deadline) {
    if (interrupts::masked()) {
        cpu_relax();
        return;
    }
    {
        SpinLock::Guard guard(lock_);
        // Several threads may wait for the reporting queue, each for its own buffers; elsewhere only the last one
        // matters.
        const std::uint32_t after = role == Role::reporting || batch.out == 0 ? 0 : batch.out - 1;
        if (!usable() || queue(layout_.index(role)).enable_interrupts(static_cast<std::uint16_t>(after))) return;
    }
    waiting_.wait_until([&] { return changes_.load() != seen; }, deadline);
}

Result<> BalloonDevice::exchange(Role role, Direction direction, std::span<const Piece> pieces,
                                 std::size_t pieces_per_chain) {
    if (!has(role)) return fail(Error::not_supported);
    Batch batch;
    const Nanoseconds deadline = monotonic_now() + patience;
    for (;;) {
        const std::uint32_t seen = changes_.load();
        switch (advance(role, direction, pieces, pieces_per_chain, batch)) {
            case Progress::all_used: return {};
            case Progress::lost: give_up(); return fail(Error::device_broken);
            case Progress::waiting: break;
        }
        if (monotonic_now() >= deadline) {
            give_up();
            return fail(Error::timed_out);
        }
        wait_for_change(role, seen, batch, deadline);
    }
}

bool BalloonDevice::parked_came_back(Role role, Parked& parked) {
    SpinLock::Guard guard(lock_);
    const bool was_out = parked.out;
    if (!was_out || !usable()) return false;
    take_back(role);
    return !parked.out;
}

Result<> BalloonDevice::park(Role role, Direction direction, const Piece& piece, Parked& parked) {
    bool ring = false, back_already = false;
    {
        SpinLock::Guard guard(lock_);
        if (!has(role) || !usable()) return fail(Error::not_supported);
        parked_batch_ = {.out = 0, .lost = false, .parked = &parked};
        if (!add(role, direction, std::span(&piece, 1), parked_batch_)) return fail(Error::busy);
        parked.out = true;
        ring = queue(layout_.index(role)).publish();
        back_already = queue(layout_.index(role)).enable_interrupts();
    }
    if (ring) notify(layout_.index(role));
    if (back_already) changed_(context_);
    return {};
}

}  // namespace tenon::balloon
