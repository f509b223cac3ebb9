// SPDX-License-Identifier: Apache-2.0
// virtio-blk: requests from the ring to the storage and back.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "hv/core/host_clock.h"
#include "hv/core/log.h"
#include "hv/devices/blk/blk.h"
#include "hv/devices/shared_memory.h"

namespace hv {

namespace {

/// Largest size of one host operation. A guest can ask for gigabytes by one request, whose descriptors all name the
/// same memory: hv splits it, so that the loop can serve others between the parts.
constexpr std::uint64_t bytes_per_operation = 1 << 20;
constexpr std::uint64_t bytes_per_turn = 4 << 20;
constexpr std::uint32_t requests_per_turn = 2 * BlkDevice::ring_size;
/// How often hv repeats an operation that the host interrupts.
constexpr std::uint32_t most_attempts = 16;
/// Delay before hv submits again after the host had no memory for requests.
constexpr std::uint64_t no_memory_delay_ns = 1'000'000;

IoOperation::Kind operation_of(const DiskRequest& request, bool write_through) {
    switch (request.kind) {
        case DiskRequest::Kind::read: return IoOperation::Kind::read;
        case DiskRequest::Kind::write:
            return write_through ? IoOperation::Kind::write_through : IoOperation::Kind::write;
        case DiskRequest::Kind::discard: return IoOperation::Kind::punch_hole;
        case DiskRequest::Kind::write_zeroes:
            return request.unmap ? IoOperation::Kind::punch_hole : IoOperation::Kind::zero_range;
        case DiskRequest::Kind::flush:
        case DiskRequest::Kind::identify: break;
    }
    return IoOperation::Kind::flush;
}

bool transfers(const DiskRequest& request) {
    return request.kind == DiskRequest::Kind::read || request.kind == DiskRequest::Kind::write;
}

/// 5.2.6: the status of a request that failed with `error`.
std::uint8_t status_of(const DiskRequest& request, int error) {
    const bool range = request.kind == DiskRequest::Kind::discard || request.kind == DiskRequest::Kind::write_zeroes;
    // The driver then writes the zeros itself.
    return range && error == EOPNOTSUPP ? VIRTIO_BLK_S_UNSUPP : VIRTIO_BLK_S_IOERR;
}

}  // namespace

void BlkDevice::serve(std::uint32_t) {
    if (!held_.empty())
        for (const Completion& completion : std::exchange(held_, {})) io_completed(completion.tag, completion.result);
    // A turn that is to be gone on with looks at the ring anyway.
    if (continuation_ == 0) run_turn();
}

bool BlkDevice::turn_is_over() const { return turn_bytes_ >= bytes_per_turn || turn_requests_ >= requests_per_turn; }

void BlkDevice::run_turn() {
    // Another disk's turn may deliver this disk's completions.
    if (std::exchange(in_turn_, true)) return;
    turn_bytes_ = 0;
    turn_requests_ = 0;
    limit_wait_ns_ = 0;
    ring(queue)->suppress_doorbells();
    for (;;) {
        const bool emptied = !take_requests();
        const bool had_some = std::exchange(unsubmitted_, false);
        const bool taken = !had_some || engine_->submit();
        if (ring(queue) == nullptr) break;
        publish(queue);
        if (!taken) {
            unsubmitted_ = true;
            go_on_after(no_memory_delay_ns);
            break;
        }
        if (limit_wait_ns_ != 0) {
            go_on_after(limit_wait_ns_);
            break;
        }
        if (turn_is_over()) {
            go_on_after(0);
            break;
        }
        // Continue with the rest of a large request, or a chain that came meanwhile.
        if (unsubmitted_ || !emptied || !limited_parts_.empty()) continue;
        if (!ring(queue)->resume_doorbells()) break;
    }
    in_turn_ = false;
}

/// The clock is read only where there is a limit.
bool BlkDevice::must_wait() {
    if (!limiter_.is_limiting()) return false;
    limit_wait_ns_ = limiter_.wait_ns(host_monotonic_ns());
    if (limit_wait_ns_ != 0) counters_.limited.add();
    return limit_wait_ns_ != 0;
}

/// Starts requests of the ring. False: the ring is empty or broken. True: the turn's budget, or the limit, is spent.
bool BlkDevice::take_requests() {
    while (!limited_parts_.empty()) {
        if (turn_is_over() || must_wait()) return true;
        const std::uint16_t index = limited_parts_.front();
        limited_parts_.erase(limited_parts_.begin());
        start_transfer(index);
    }
    while (!turn_is_over()) {
        if (must_wait()) return true;
        // Never empty: a ring has no more chains in flight than entries.
        const std::uint16_t index = free_.empty() ? never_used_ : free_.back();
        const auto chain = pop(queue, slots_[index].space);
        if (!chain) return false;
        if (free_.empty())
            ++never_used_;
        else
            free_.pop_back();
        ++turn_requests_;
        begin(index, *chain);
    }
    return true;
}

void BlkDevice::begin(std::uint16_t index, const Chain& chain) {
    Slot& slot = slots_[index];
    slot.head = chain.head;
    slot.status = status_byte(chain);
    slot.attempts = 0;
    // A chain without a status byte is no request, and cannot be answered.
    const auto request =
        slot.status == nullptr ? std::unexpected(std::uint8_t{VIRTIO_BLK_S_IOERR}) : parse_request(chain, shape_);
    if (!request) {
        counters_.refused.add();
        return finish(index, request.error(), 0);
    }
    slot.request = *request;
    slot.left = request->data;
    if (limiter_.is_limiting() && request->kind != DiskRequest::Kind::identify)
        limiter_.count_operation(host_monotonic_ns());
    start(index);
}

void BlkDevice::start(std::uint16_t index) {
    Slot& slot = slots_[index];
    const DiskRequest& request = slot.request;
    if (request.kind == DiskRequest::Kind::identify) return identify(index);
    // hv has written nothing to the chain.
    if (request.kind == DiskRequest::Kind::flush && shape_.read_only) return finish(index, VIRTIO_BLK_S_OK, 1);
    if (transfers(request)) return start_transfer(index);
    engine_->queue(
        index,
        {.kind = operation_of(request, write_through_), .offset = request.offset, .size = request.size, .parts = {}});
    unsubmitted_ = true;
}

/// Queues the next part of a transfer.
void BlkDevice::start_transfer(std::uint16_t index) {
    Slot& slot = slots_[index];
    slot.parts = 0;
    slot.part_bytes = 0;
    slot.cut = 0;
    while (slot.parts < slot.left.size() && slot.part_bytes < bytes_per_operation) {
        iovec& segment = slot.left[slot.parts++];
        const std::uint64_t room = bytes_per_operation - slot.part_bytes;
        if (segment.iov_len > room) {
            slot.cut = segment.iov_len - room;
            segment.iov_len = room;
        }
        slot.part_bytes += segment.iov_len;
    }
    turn_bytes_ += slot.part_bytes;
    if (limiter_.is_limiting()) limiter_.count_bytes(slot.part_bytes, host_monotonic_ns());
    engine_->queue(index, {.kind = operation_of(slot.request, write_through_),
                           .offset = slot.request.offset,
                           .size = slot.part_bytes,
                           .parts = slot.left.first(slot.parts)});
    unsubmitted_ = true;
}

/// The next part of a transfer: now, or when the limit allows it.
void BlkDevice::go_on(std::uint16_t index) {
    if (limiter_.is_limiting())
        limited_parts_.push_back(index);
    else
        start_transfer(index);
}

/// Takes `bytes` of transferred data off the request.
void BlkDevice::advance(Slot& slot, std::uint64_t bytes) {
    slot.left[slot.parts - 1].iov_len += slot.cut;
    slot.request.offset += bytes;
    while (bytes != 0) {
        iovec& first = slot.left.front();
        const std::uint64_t size = std::min<std::uint64_t>(bytes, first.iov_len);
        first.iov_base = static_cast<std::byte*>(first.iov_base) + size;
        first.iov_len -= size;
        bytes -= size;
        if (first.iov_len == 0) slot.left = slot.left.subspan(1);
    }
}

void BlkDevice::io_completed(std::uint32_t tag, std::int32_t result) {
    const auto index = static_cast<std::uint16_t>(tag);
    Slot& slot = slots_[index];
    if (paused()) return held_.push_back({tag, result});
    // The driver is gone, and takes no answer.
    if (ring(queue) == nullptr) return free_.push_back(index);
    if ((result == -EINTR || result == -EAGAIN) && ++slot.attempts < most_attempts) {
        if (transfers(slot.request)) advance(slot, 0);
        return start(index);
    }
    if (slot.request.kind == DiskRequest::Kind::flush && (result < 0 || flush_failed_))
        return fail_flush(index, result);
    // The file ends before the disk does: someone has truncated it.
    if (result < 0 || (result == 0 && transfers(slot.request))) {
        counters_.io_errors.add();
        return finish(index, status_of(slot.request, -result), 0);
    }
    if (transfers(slot.request)) {
        slot.attempts = 0;
        advance(slot, std::min(static_cast<std::uint64_t>(result), slot.part_bytes));
        if (!slot.left.empty()) return go_on(index);
    }
    finish(index, VIRTIO_BLK_S_OK, slot.request.kind == DiskRequest::Kind::read ? slot.request.size + 1 : 1);
}

/// The host reports that written data is lost once only, and forgets it: the next fdatasync() succeeds. The guest,
/// whose file system may have asked by another request, must not take that for its data's being safe.
void BlkDevice::fail_flush(std::uint16_t index, std::int32_t result) {
    counters_.flush_errors.add();
    if (!std::exchange(flush_failed_, true))
        log_line(fmt::format("disk '{}': the host could not write data of the guest ({}); every further flush fails",
                             image_.path, std::strerror(-result)));
    finish(index, VIRTIO_BLK_S_IOERR, 0);
}

void BlkDevice::io_batch_completed() {
    if (ring(queue) == nullptr) return;
    if ((unsubmitted_ || !limited_parts_.empty()) && continuation_ == 0)
        run_turn();
    else
        publish(queue);
}

void BlkDevice::identify(std::uint16_t index) {
    Slot& slot = slots_[index];
    // 5.2.6.1: 20 bytes, padded with zeros.
    std::array<char, VIRTIO_BLK_ID_BYTES> text{};
    std::ranges::copy(identity_, text.begin());
    std::size_t done = 0;
    for (const iovec& segment : slot.left) {
        const std::size_t size = std::min(segment.iov_len, text.size() - done);
        std::memcpy(segment.iov_base, text.data() + done, size);
        done += size;
    }
    finish(index, VIRTIO_BLK_S_OK, done == slot.request.size ? done + 1 : done);
}

/// Answers the driver. `written` counts bytes from the start of the writable part without a gap (2.7.8.2): it includes
/// the status, which stands at the end, only if all data before it was written.
void BlkDevice::finish(std::uint16_t index, std::uint8_t status, std::uint64_t written) {
    Slot& slot = slots_[index];
    if (status == VIRTIO_BLK_S_OK) {
        switch (slot.request.kind) {
            case DiskRequest::Kind::read: counters_.reads.add(), counters_.read_bytes.add(slot.request.size); break;
            case DiskRequest::Kind::write:
                counters_.writes.add(), counters_.written_bytes.add(slot.request.size);
                break;
            case DiskRequest::Kind::flush: counters_.flushes.add(); break;
            case DiskRequest::Kind::discard:
                counters_.discards.add(), counters_.discarded_bytes.add(slot.request.size);
                break;
            case DiskRequest::Kind::write_zeroes:
                counters_.write_zeroes.add(), counters_.zeroed_bytes.add(slot.request.size);
                break;
            case DiskRequest::Kind::identify: break;
        }
    }
    if (slot.status != nullptr) store_once(slot.status, status);
    ring(queue)->push(slot.head, static_cast<std::uint32_t>(written));
    free_.push_back(index);
}

}  // namespace hv
