// SPDX-License-Identifier: Apache-2.0
// The device's side of a split virtqueue (virtio 1.2, section 2.7). The driver may be hostile.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "hv/core/guest_memory.h"
#include "hypercall/calls.h"

namespace hv {

/// Ring features that every device of hv offers: VERSION_1, INDIRECT_DESC, EVENT_IDX.
[[nodiscard]] std::uint64_t ring_features();

/// Ways in which a driver can break its ring. After any of them hv uses the queue no more.
enum class RingError {
    queue_size,  ///< not a power of two, or larger than the device's
    ring_misaligned,
    ring_outside_memory,
    too_many_available,  ///< the available index is more than a ring ahead
    head_out_of_range,
    next_out_of_range,
    chain_too_long,   ///< more descriptors than the queue's size; also the result of every loop
    chain_too_large,  ///< more than 2^32 - 1 bytes
    buffer_outside_memory,
    buffer_empty,
    readable_after_writable,
    indirect_not_negotiated,
    indirect_with_next,
    indirect_nested,
    indirect_size,  ///< not a multiple of a descriptor, empty, or more than the queue's size
};
[[nodiscard]] const char* ring_error_text(RingError error);

/// A checked descriptor chain: both parts lie in GuestMemory. The guest may change their bytes at any time.
struct Chain {
    std::uint16_t head;
    std::uint32_t readable_bytes;
    std::uint32_t writable_bytes;
    std::span<iovec> readable;  ///< in front of `writable` in the space given to pop()
    std::span<iovec> writable;
};

/// A range of guest memory as a driver named it, not mapped. Its size is not 0; nothing else is checked.
struct NamedRange {
    std::uint64_t address;  ///< guest-physical
    std::uint32_t size;     ///< bytes
};

/// A descriptor chain whose writable part only names memory, which the device does not access.
struct NamingChain {
    std::uint16_t head;
    std::span<const iovec> readable;  ///< checked, as in Chain
    std::span<const NamedRange> named;
};

/// One ring. It copies every index, length and address once, by a load that the compiler cannot repeat, and uses only
/// the checked copy. Not thread-safe. The memory outlives the queue.
class Virtqueue {
public:
    /// `setup` comes from the driver, unchecked; `largest` is the size that the device offers; `features` are the
    /// negotiated ones.
    static std::expected<Virtqueue, RingError> create(const tenon::abi::QueueSetup& setup, std::uint32_t largest,
                                                      std::uint64_t features, const GuestMemory& memory);

    [[nodiscard]] std::uint16_t size() const { return size_; }

    /// The next available chain; nothing if there is none. Its segments are written to `space`, which has room for at
    /// least size() of them.
    std::expected<std::optional<Chain>, RingError> pop(std::span<iovec> space);
    /// Does the same for a queue whose writable descriptors may name any memory; `names` has room for size() too.
    std::expected<std::optional<NamingChain>, RingError> pop(std::span<iovec> space, std::span<NamedRange> names);
    /// Takes back the last `count` chains that were popped and not pushed: pop() will return them again.
    void unpop(std::uint16_t count);

    /// Puts a chain into the used ring. The device has written the first `written` bytes of its writable part. The
    /// driver sees the chain after the next publish().
    void push(std::uint16_t head, std::uint32_t written);
    [[nodiscard]] bool has_unpublished() const { return next_used_ != published_used_; }
    /// Makes the pushed chains visible to the driver. True: the driver wants an interrupt.
    [[nodiscard]] bool publish();

    /// Asks the driver for no doorbells, because the device looks by itself. A hint: some may still come.
    void suppress_doorbells();
    /// Asks for doorbells again. True: chains became available before that, without a doorbell: call pop() again.
    [[nodiscard]] bool resume_doorbells();

private:
    Virtqueue(std::uint16_t size, std::uint64_t features, const GuestMemory& memory, std::byte* descriptors,
              std::byte* driver, std::byte* device);

    struct Walk;
    std::expected<bool, RingError> take_next(Walk& walk, std::uint16_t& head);
    std::optional<RingError> walk(std::uint16_t head, Walk& walk) const;
    std::optional<RingError> add_segment(Walk& walk, std::uint64_t address, std::uint32_t length, bool writable) const;

    std::uint16_t size_;
    bool event_index_;
    bool indirect_;
    const GuestMemory* memory_;
    std::byte* descriptors_;
    std::byte* available_;  ///< "driver area"
    std::byte* used_;       ///< "device area"

    std::uint16_t next_available_ = 0;   ///< index of the chain that pop() returns next
    std::uint16_t known_available_ = 0;  ///< the driver's index at the last look
    std::uint16_t next_used_ = 0;
    std::uint16_t published_used_ = 0;
};

}  // namespace hv
