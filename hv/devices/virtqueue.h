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

/// What every device of hv offers of the rings: VERSION_1, INDIRECT_DESC, EVENT_IDX.
[[nodiscard]] std::uint64_t ring_features();

/// How a driver can break its ring. After any of these the queue is not used any more.
enum class RingError {
    queue_size,  ///< not a power of two, or larger than the device's
    ring_misaligned,
    ring_outside_memory,
    too_many_available,  ///< the available index says more than the ring can hold
    head_out_of_range,
    next_out_of_range,
    chain_too_long,   ///< more descriptors than the queue's size: among others, every loop
    chain_too_large,  ///< more than 2^32 - 1 bytes
    buffer_outside_memory,
    buffer_empty,
    readable_after_writable,
    indirect_not_negotiated,
    indirect_with_next,
    indirect_nested,
    indirect_size,  ///< not whole descriptors, none, or more than the queue's size
};
[[nodiscard]] const char* ring_error_text(RingError error);

/// A descriptor chain, checked: both parts lie in guest memory. Their bytes may change at any time.
struct Chain {
    std::uint16_t head;
    std::uint32_t readable_bytes;
    std::uint32_t writable_bytes;
    std::span<iovec> readable;  ///< ahead of `writable` in the space that was given to pop()
    std::span<iovec> writable;
};

/// A part of the guest's memory as a driver named it: not checked, but for a size that is not 0, and not mapped.
struct NamedRange {
    std::uint64_t address;  ///< guest-physical
    std::uint32_t size;     ///< bytes
};

/// A descriptor chain whose writable part only names memory: the device never looks at it.
struct NamingChain {
    std::uint16_t head;
    std::span<const iovec> readable;  ///< checked, as in Chain
    std::span<const NamedRange> named;
};

/// One ring. Every index, length and address is copied once, by a load that the compiler cannot repeat, and only the
/// checked copy is used. Not thread-safe. The memory outlives the queue.
class Virtqueue {
public:
    /// `setup` is the driver's; `largest` the size that the device offers; `features` those negotiated.
    static std::expected<Virtqueue, RingError> create(const tenon::abi::QueueSetup& setup, std::uint32_t largest,
                                                      std::uint64_t features, const GuestMemory& memory);

    [[nodiscard]] std::uint16_t size() const { return size_; }

    /// The next available chain; nothing if there is none. Its segments are written to `space`, which has room for at
    /// least size() of them.
    std::expected<std::optional<Chain>, RingError> pop(std::span<iovec> space);
    /// The same for a queue whose writable descriptors name memory anywhere; `names` has room for size() too.
    std::expected<std::optional<NamingChain>, RingError> pop(std::span<iovec> space, std::span<NamedRange> names);
    /// Gives back the last `count` chains that were popped and not pushed: they will be popped again.
    void unpop(std::uint16_t count);

    /// Puts a chain into the used ring; `written` bytes at the start of its writable part are the device's.
    /// The driver sees it after the next publish().
    void push(std::uint16_t head, std::uint32_t written);
    [[nodiscard]] bool has_unpublished() const { return next_used_ != published_used_; }
    /// Shows the driver what was pushed. True: it wants an interrupt for it.
    [[nodiscard]] bool publish();

    /// Tells the driver that a doorbell is not needed: the device looks by itself. A hint; one may still come.
    void suppress_doorbells();
    /// Asks for doorbells again. True: chains have become available meanwhile, for which none may come: go on with
    /// pop().
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

    std::uint16_t next_available_ = 0;   ///< index of the chain that is popped next
    std::uint16_t known_available_ = 0;  ///< the driver's index when it was last read
    std::uint16_t next_used_ = 0;
    std::uint16_t published_used_ = 0;
};

}  // namespace hv
