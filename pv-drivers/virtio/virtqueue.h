// SPDX-License-Identifier: Apache-2.0
// The driver's side of a split virtqueue (virtio 1.2, section 2.7) with indirect descriptors and EVENT_IDX.
//
// The queue is independent of heap and transport: its caller provides the memory and notifies the device. So this
// source runs in the kernel and, under sanitizers and fuzzers, on the build machine. Memory that the device can write
// is not trusted: free descriptors, chain lengths and cookies are in private memory, and a used element is accepted
// only if it names a chain that the device has, with no more bytes than that chain can hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>

#include "kernel/base/address.h"
#include "kernel/base/result.h"
#include "pv-drivers/virtio/uapi.h"

namespace tenon::virtio {

/// One piece of a buffer, at a guest-physical address.
struct Piece {
    PhysicalAddress address;
    std::uint32_t size;
};

/// Addresses of a queue's parts, for the device.
struct QueueAddresses {
    PhysicalAddress descriptors;
    PhysicalAddress driver;  ///< available ring
    PhysicalAddress device;  ///< used ring
};

struct QueueOptions {
    std::uint16_t size;                  ///< a power of two, at most 32768 (section 2.7)
    bool event_index = false;            ///< VIRTIO_RING_F_EVENT_IDX was negotiated
    std::uint16_t indirect_entries = 0;  ///< longest chain to put into an indirect table; 0: INDIRECT_DESC is not used
};

/// Memory that the device may read and write: zero-filled, page-aligned. The caller owns it, and keeps it until the
/// device has been reset.
struct QueueMemory {
    std::span<std::byte> bytes;
    PhysicalAddress address;
};

/// The caller locks. Chains are added, published together, and come back by take_used() in the order in which the
/// device used them.
class Virtqueue {
public:
    /// Bytes of QueueMemory that a queue with these options needs.
    [[nodiscard]] static std::size_t memory_size(const QueueOptions& options);
    /// Error: invalid_argument (size no power of two, memory too small or not aligned), no_memory.
    [[nodiscard]] static Result<Virtqueue> create(const QueueOptions& options, const QueueMemory& memory);

    Virtqueue() = default;
    Virtqueue(Virtqueue&&) = default;
    Virtqueue& operator=(Virtqueue&&) = default;

    /// Adds a chain: pieces for the device to read, then pieces for it to write (section 2.7.4.2). The device does not
    /// see it before publish(). `cookie` is not null. Error: busy (no room), invalid_argument (no pieces, empty piece,
    /// too many).
    [[nodiscard]] Result<> add(std::span<const Piece> readable, std::span<const Piece> writable, void* cookie);

    /// Lets the device see the added chains. True: the caller must notify the device (section 2.7.13.4).
    [[nodiscard]] bool publish();

    struct Used {
        void* cookie;
        std::uint32_t written;  ///< at most the chain's writable bytes
    };
    /// The next chain that the device has used, if there is one. Error: device_broken (the used ring is wrong), from
    /// then on at each call: the caller must reset the device and make a new queue.
    [[nodiscard]] Result<std::optional<Used>> take_used();
    [[nodiscard]] bool has_used() const;

    /// Asks for an interrupt when more than `after` further chains have been used (without EVENT_IDX always at the next
    /// one). True: they have been used already; there may be no interrupt, and the caller must look again
    /// (section 2.7.14).
    [[nodiscard]] bool enable_interrupts(std::uint16_t after = 0);
    /// Only a hint: interrupts may still come.
    void disable_interrupts();

    /// Takes back one of the chains that the device has, in any order; null: there is none. Only after a reset of the
    /// device.
    [[nodiscard]] void* take_unused();

    [[nodiscard]] QueueAddresses addresses() const;
    [[nodiscard]] std::uint16_t size() const { return size_; }
    [[nodiscard]] std::uint16_t chains_out() const { return chains_out_; }
    /// Descriptors that are free; a chain takes one if it fits into an indirect table, else one for each piece.
    [[nodiscard]] std::uint16_t free_descriptors() const {
        return static_cast<std::uint16_t>(size_ - descriptors_out_);
    }
    [[nodiscard]] bool broken() const { return broken_; }
    /// Memory that the queue writes to, besides itself and its QueueMemory.
    [[nodiscard]] std::span<const std::byte> private_memory() const {
        return {reinterpret_cast<const std::byte*>(slots_), size_ * sizeof(Slot)};
    }

private:
    /// Private record of a descriptor; never derived from the ring's contents.
    struct Slot {
        void* cookie;            // of the chain whose head this is; null: not a head, or free
        std::uint32_t writable;  // bytes that the device may write in that chain
        std::uint16_t count;     // descriptors of the chain
        std::uint16_t next;      // next in the chain, or next free one
    };
    struct FreeSlots {
        void operator()(Slot* slots) const { ::operator delete(slots); }
    };
    static constexpr std::uint16_t none = 0xFFFF;

    [[nodiscard]] std::uint16_t take_free();
    void release_chain(std::uint16_t head);
    void write_direct(std::uint16_t head, std::span<const Piece> readable, std::span<const Piece> writable);
    void write_indirect(std::uint16_t head, std::span<const Piece> readable, std::span<const Piece> writable);
    [[nodiscard]] std::unexpected<Error> break_down();

    // In device-visible memory.
    vring_desc* descriptors_ = nullptr;
    std::uint16_t* available_ = nullptr;  // flags, index, ring[size], used_event
    std::byte* used_ = nullptr;           // vring_used, then avail_event
    vring_desc* tables_ = nullptr;        // indirect_entries_ for each descriptor
    PhysicalAddress base_{};

    std::unique_ptr<Slot, FreeSlots> slots_memory_;
    Slot* slots_ = nullptr;
    std::uint16_t size_ = 0;
    std::uint16_t indirect_entries_ = 0;
    bool event_index_ = false;
    bool broken_ = false;
    std::uint16_t first_free_ = none;  // freed descriptors, last freed first: their memory is in the cache
    std::uint16_t never_used_ = 0;     // from here on no descriptor was ever given out, so no memory was touched
    std::uint16_t descriptors_out_ = 0;
    std::uint16_t chains_out_ = 0;
    std::uint16_t next_available_ = 0;  // index of the next entry to fill; not yet seen by the device
    std::uint16_t published_ = 0;       // index as the device sees it
    std::uint16_t next_used_ = 0;       // used entries taken so far
};

}  // namespace tenon::virtio
