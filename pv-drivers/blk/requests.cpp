// SPDX-License-Identifier: Apache-2.0
// The block device's driver: requests (virtio 1.2, section 5.2.6).
#include <array>

#include "kernel/sched/wait.h"
#include "pv-drivers/blk/blk.h"

namespace tenon::virtio {
namespace {

/// Not a status of the specification: it stays if the device writes none.
constexpr std::uint8_t no_status = 0xFF;

std::uint32_t type_of(BlockOperation operation) {
    switch (operation) {
        case BlockOperation::read: return VIRTIO_BLK_T_IN;
        case BlockOperation::write: return VIRTIO_BLK_T_OUT;
        case BlockOperation::discard: return VIRTIO_BLK_T_DISCARD;
        case BlockOperation::write_zeroes: return VIRTIO_BLK_T_WRITE_ZEROES;
        case BlockOperation::flush: break;
    }
    return VIRTIO_BLK_T_FLUSH;
}

Result<> result_of(std::uint8_t status) {
    switch (status) {
        case VIRTIO_BLK_S_OK: return {};
        case VIRTIO_BLK_S_UNSUPP: return fail(Error::not_supported);
        default: return fail(Error::io);
    }
}

}  // namespace

void Blk::start(IntrusiveList<BlockRequest>& requests) {
    IntrusiveList<BlockRequest> done;
    bool ring = false;
    {
        const SpinLock::Guard guard(lock_);
        while (BlockRequest* request = requests.pop_front()) {
            if (given_up_) {
                request->result = fail(Error::device_broken);
                done.push_back(*request);
            } else if (request->operation == BlockOperation::flush && !can_flush_) {
                // Section 5.2.6.1: without FLUSH there is no cache to flush.
                done.push_back(*request);
            } else if (changes_data(request->operation) && held_) {
                waiting_writes_.push_back(*request);
            } else {
                waiting_.push_back(*request);
            }
        }
        if (up_) {
            start_waiting();
            ring = queue(request_queue).publish();
        }
    }
    ring_if(ring);
    complete(done);
}

void Blk::start_waiting() {
    while (BlockRequest* request = waiting_.front()) {
        if (!give_to_device(*request)) return;
    }
}

/// Moves a request from waiting_ to the ring. False: the ring is full.
bool Blk::give_to_device(BlockRequest& request) {
    Slot* const slot = free_slots_;
    if (slot == nullptr) return false;
    Frame& frame = frames_[slot - slots_.data()];
    frame.header = {.type = type_of(request.operation),
                    .ioprio = 0,
                    .sector = names_range(request.operation) ? 0 : request.disk_offset / sector};
    frame.status = no_status;

    std::array<Piece, most_parts + 1> readable, writable;
    std::size_t readable_count = 0, writable_count = 0;
    readable[readable_count++] = {to_physical(&frame.header), sizeof(frame.header)};
    if (names_range(request.operation)) {
        // Of the flags, DISCARD has none (section 5.2.6.1).
        frame.range = {.sector = request.disk_offset / sector,
                       .num_sectors = static_cast<std::uint32_t>(request.size / sector),
                       .flags = request.operation == BlockOperation::write_zeroes && request.may_discard
                                    ? std::uint32_t{VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP}
                                    : 0};
        readable[readable_count++] = {to_physical(&frame.range), sizeof(frame.range)};
    }
    for (const BlockPart& part : request.parts) {
        const Piece piece{to_physical(part.data), static_cast<std::uint32_t>(part.size)};
        if (request.operation == BlockOperation::write)
            readable[readable_count++] = piece;
        else
            writable[writable_count++] = piece;
    }
    writable[writable_count++] = {to_physical(&frame.status), sizeof(frame.status)};
    if (!queue(request_queue)
             .add(std::span(readable).first(readable_count), std::span(writable).first(writable_count), slot))
        return false;

    waiting_.remove(request);
    free_slots_ = slot->next;
    slot->request = &request;
    if (changes_data(request.operation)) writes_under_way_.fetch_add(1);
    return true;
}

/// Ends a request that the device no longer has.
void Blk::take_off(Slot& slot, Result<> result, IntrusiveList<BlockRequest>& done) {
    BlockRequest& request = *slot.request;
    slot.request = nullptr;
    slot.next = free_slots_;
    free_slots_ = &slot;
    request.result = result;
    account(request);
    if (changes_data(request.operation) && writes_under_way_.fetch_sub(1) == 1 && held_)
        wake_address(writes_under_way_);
    done.push_back(request);
}

void Blk::account(BlockRequest& request) {
    if (!request.result) {
        ++statistics_.errors;
        return;
    }
    const Nanoseconds time = monotonic_now() - request.started;
    switch (request.operation) {
        case BlockOperation::read:
            ++statistics_.reads;
            statistics_.read_bytes += request.size;
            statistics_.read_ns += time;
            return;
        case BlockOperation::write:
            ++statistics_.writes;
            statistics_.written_bytes += request.size;
            statistics_.write_ns += time;
            return;
        case BlockOperation::flush:
            ++statistics_.flushes;
            statistics_.flush_ns += time;
            return;
        case BlockOperation::discard:
            ++statistics_.discards;
            statistics_.discarded_bytes += request.size;
            statistics_.discard_ns += time;
            return;
        case BlockOperation::write_zeroes:
            ++statistics_.zeroes;
            statistics_.zeroed_bytes += request.size;
            statistics_.discard_ns += time;
            return;
    }
}

void Blk::harvest(IntrusiveList<BlockRequest>& done) {
    Virtqueue& ring = queue(request_queue);
    for (;;) {
        const auto used = ring.take_used();
        if (!used) return changed_(context_);
        if (!*used) return;
        Slot& slot = *static_cast<Slot*>((*used)->cookie);
        // Read once, because the device could write it again. The used length does not matter: the status says whether
        // the device has written it.
        const std::uint8_t status = *static_cast<volatile std::uint8_t*>(&frames_[&slot - slots_.data()].status);
        take_off(slot, result_of(status), done);
    }
}

void Blk::queues_used() {
    IntrusiveList<BlockRequest> done;
    bool ring = false;
    {
        const SpinLock::Guard guard(lock_);
        if (!up_) return;
        ++statistics_.interrupts;
        do {
            harvest(done);
        } while (!queue(request_queue).broken() && queue(request_queue).enable_interrupts());
        start_waiting();
        ring = queue(request_queue).publish();
    }
    ring_if(ring);
    complete(done);
}

void Blk::fail_all(IntrusiveList<BlockRequest>& waiting, IntrusiveList<BlockRequest>& done) {
    while (BlockRequest* request = waiting.pop_front()) {
        request->result = fail(Error::device_broken);
        done.push_back(*request);
    }
}

void Blk::complete(IntrusiveList<BlockRequest>& done) {
    // Taken off the list first: `completed` may submit the request again, or free it.
    while (BlockRequest* request = done.pop_front()) request->completed(*request);
}

void Blk::hold_writes() {
    const SpinLock::Guard guard(lock_);
    held_ = true;
    IntrusiveList<BlockRequest> rest;
    while (BlockRequest* request = waiting_.pop_front())
        (changes_data(request->operation) ? waiting_writes_ : rest).push_back(*request);
    while (BlockRequest* request = rest.pop_front()) waiting_.push_back(*request);
}

void Blk::release_writes() {
    bool ring = false;
    {
        const SpinLock::Guard guard(lock_);
        held_ = false;
        while (BlockRequest* request = waiting_writes_.pop_front()) waiting_.push_back(*request);
        if (up_) {
            start_waiting();
            ring = queue(request_queue).publish();
        }
    }
    ring_if(ring);
}

BlockStatistics Blk::statistics() const {
    const SpinLock::Guard guard(lock_);
    BlockStatistics result = statistics_;
    result.notifications = notifications();
    result.under_way = queue(request_queue).chains_out();
    return result;
}

}  // namespace tenon::virtio
