// SPDX-License-Identifier: Apache-2.0
// Split virtqueues: setting up, used ring, doorbells.
#include "hv/devices/virtqueue.h"

#define VIRTIO_RING_NO_LEGACY
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>

#include "hv/devices/shared_memory.h"

namespace hv {

namespace {

/// Offsets in the two rings. Behind the entries of each stands the event index, for the other side.
constexpr std::size_t available_flags = offsetof(vring_avail, flags);
constexpr std::size_t available_index = offsetof(vring_avail, idx);
constexpr std::size_t available_entry(std::size_t i) { return offsetof(vring_avail, ring) + i * sizeof(__virtio16); }
constexpr std::size_t used_flags = offsetof(vring_used, flags);
constexpr std::size_t used_index = offsetof(vring_used, idx);
constexpr std::size_t used_entry(std::size_t i) { return offsetof(vring_used, ring) + i * sizeof(vring_used_elem); }

static_assert(std::endian::native == std::endian::little, "rings are little-endian, and read as they are");

constexpr bool has(std::uint64_t features, unsigned bit) { return (features >> bit & 1) != 0; }

}  // namespace

std::uint64_t ring_features() {
    return 1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_RING_F_INDIRECT_DESC | 1ULL << VIRTIO_RING_F_EVENT_IDX;
}

const char* ring_error_text(RingError error) {
    switch (error) {
        case RingError::queue_size: return "the queue's size is not allowed";
        case RingError::ring_misaligned: return "a ring is misaligned";
        case RingError::ring_outside_memory: return "a ring is outside of the memory for devices";
        case RingError::too_many_available: return "the available index runs ahead of the ring";
        case RingError::head_out_of_range: return "an available entry names no descriptor";
        case RingError::next_out_of_range: return "a descriptor's next is out of range";
        case RingError::chain_too_long: return "a descriptor chain is longer than the queue";
        case RingError::chain_too_large: return "a descriptor chain has 4 GiB or more";
        case RingError::buffer_outside_memory: return "a buffer is outside of the memory for devices";
        case RingError::buffer_empty: return "a descriptor has length 0";
        case RingError::readable_after_writable: return "a readable descriptor follows a writable one";
        case RingError::indirect_not_negotiated: return "an indirect descriptor without INDIRECT_DESC";
        case RingError::indirect_with_next: return "an indirect descriptor with a next one";
        case RingError::indirect_nested: return "an indirect table inside of an indirect table";
        case RingError::indirect_size: return "an indirect table's size is not allowed";
    }
    return "unknown";
}

std::expected<Virtqueue, RingError> Virtqueue::create(const tenon::abi::QueueSetup& setup, std::uint32_t largest,
                                                      std::uint64_t features, const GuestMemory& memory) {
    // 2.7: at most 32768, a power of two.
    if (!std::has_single_bit(setup.size) || setup.size > largest || setup.size > 32768)
        return std::unexpected(RingError::queue_size);
    if (setup.descriptors % VRING_DESC_ALIGN_SIZE != 0 || setup.driver % VRING_AVAIL_ALIGN_SIZE != 0 ||
        setup.device % VRING_USED_ALIGN_SIZE != 0)
        return std::unexpected(RingError::ring_misaligned);
    // Only EVENT_IDX defines the two bytes behind each ring, but every driver allocates them.
    const auto descriptors = memory.slice(GuestAddress{setup.descriptors}, setup.size * sizeof(vring_desc));
    const auto driver = memory.slice(GuestAddress{setup.driver}, available_entry(setup.size) + sizeof(__virtio16));
    const auto device = memory.slice(GuestAddress{setup.device}, used_entry(setup.size) + sizeof(__virtio16));
    if (!descriptors || !driver || !device) return std::unexpected(RingError::ring_outside_memory);
    return Virtqueue(static_cast<std::uint16_t>(setup.size), features, memory, descriptors->data(), driver->data(),
                     device->data());
}

Virtqueue::Virtqueue(std::uint16_t size, std::uint64_t features, const GuestMemory& memory, std::byte* descriptors,
                     std::byte* driver, std::byte* device)
    : size_(size),
      event_index_(has(features, VIRTIO_RING_F_EVENT_IDX)),
      indirect_(has(features, VIRTIO_RING_F_INDIRECT_DESC)),
      memory_(&memory),
      descriptors_(descriptors),
      available_(driver),
      used_(device) {}

void Virtqueue::unpop(std::uint16_t count) {
    assert(count <= static_cast<std::uint16_t>(next_available_ - next_used_));
    next_available_ = static_cast<std::uint16_t>(next_available_ - count);
}

void Virtqueue::push(std::uint16_t head, std::uint32_t written) {
    assert(next_used_ != next_available_);
    std::byte* entry = used_ + used_entry(next_used_ & (size_ - 1));
    store_once<std::uint32_t>(entry + offsetof(vring_used_elem, id), head);
    store_once<std::uint32_t>(entry + offsetof(vring_used_elem, len), written);
    ++next_used_;
}

bool Virtqueue::publish() {
    if (!has_unpublished()) return false;
    // 2.7.8.2: write the index after the entries.
    store_once<std::uint16_t>(used_ + used_index, next_used_, std::memory_order_release);
    const std::uint16_t before = published_used_;
    published_used_ = next_used_;
    // 2.7.10: write the index before reading whether the driver wants an interrupt. The driver does both in the
    // opposite order, so that one of the two sees the other's write.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (event_index_) {
        const auto event = load_once<std::uint16_t>(available_ + available_entry(size_));
        return vring_need_event(event, next_used_, before) != 0;
    }
    return (load_once<std::uint16_t>(available_ + available_flags) & VRING_AVAIL_F_NO_INTERRUPT) == 0;
}

void Virtqueue::suppress_doorbells() {
    // With EVENT_IDX there is nothing to do: the driver has passed the last event index, and rings no more.
    if (!event_index_) store_once<std::uint16_t>(used_ + used_flags, VRING_USED_F_NO_NOTIFY);
}

bool Virtqueue::resume_doorbells() {
    if (event_index_)
        store_once<std::uint16_t>(used_ + used_entry(size_), next_available_);
    else
        store_once<std::uint16_t>(used_ + used_flags, 0);
    // 2.7.10: ask for doorbells before reading the index.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return load_once<std::uint16_t>(available_ + available_index) != next_available_;
}

/// State of the walk through a chain.
struct Virtqueue::Walk {
    std::span<iovec> space;
    std::span<NamedRange> names;  ///< empty: writable segments are checked and go to `space`
    std::size_t readable = 0;     ///< segments
    std::size_t writable = 0;
    std::uint64_t readable_bytes = 0;
    std::uint64_t writable_bytes = 0;
};

std::expected<std::optional<Chain>, RingError> Virtqueue::pop(std::span<iovec> space) {
    Walk chain{.space = space, .names = {}};
    std::uint16_t head = 0;
    const auto taken = take_next(chain, head);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return std::nullopt;
    return Chain{.head = head,
                 .readable_bytes = static_cast<std::uint32_t>(chain.readable_bytes),
                 .writable_bytes = static_cast<std::uint32_t>(chain.writable_bytes),
                 .readable = space.first(chain.readable),
                 .writable = space.subspan(chain.readable, chain.writable)};
}

std::expected<std::optional<NamingChain>, RingError> Virtqueue::pop(std::span<iovec> space,
                                                                    std::span<NamedRange> names) {
    assert(names.size() >= size_);
    Walk chain{.space = space, .names = names};
    std::uint16_t head = 0;
    const auto taken = take_next(chain, head);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return std::nullopt;
    return NamingChain{.head = head, .readable = space.first(chain.readable), .named = names.first(chain.writable)};
}

/// False: no chain is available.
std::expected<bool, RingError> Virtqueue::take_next(Walk& chain, std::uint16_t& head) {
    assert(chain.space.size() >= size_);
    if (next_available_ == known_available_) {
        // 2.7.13.2: read the entries after the index, as the driver has written them before it.
        known_available_ = load_once<std::uint16_t>(available_ + available_index, std::memory_order_acquire);
        if (next_available_ == known_available_) return false;
        const auto waiting = static_cast<std::uint16_t>(known_available_ - next_available_);
        const auto in_flight = static_cast<std::uint16_t>(next_available_ - next_used_);
        if (waiting > size_ - in_flight) return std::unexpected(RingError::too_many_available);
    }
    head = load_once<std::uint16_t>(available_ + available_entry(next_available_ & (size_ - 1)));
    if (head >= size_) return std::unexpected(RingError::head_out_of_range);
    if (const auto error = walk(head, chain)) return std::unexpected(*error);
    ++next_available_;
    return true;
}

std::optional<RingError> Virtqueue::add_segment(Walk& chain, std::uint64_t address, std::uint32_t length,
                                                bool writable) const {
    const std::size_t count = chain.readable + chain.writable;
    if (count == size_) return RingError::chain_too_long;
    if (length == 0) return RingError::buffer_empty;
    if (!writable && chain.writable != 0) return RingError::readable_after_writable;  // 2.7.4.2
    if (writable && !chain.names.empty()) {
        chain.names[chain.writable] = {address, length};
    } else {
        const auto bytes = memory_->slice(GuestAddress{address}, length);
        if (!bytes) return RingError::buffer_outside_memory;
        chain.space[count] = {.iov_base = bytes->data(), .iov_len = bytes->size()};
    }
    (writable ? chain.writable : chain.readable) += 1;
    (writable ? chain.writable_bytes : chain.readable_bytes) += length;
    // 2.7.5: a chain has less than 2^32 bytes in total.
    if (chain.readable_bytes + chain.writable_bytes > 0xFFFF'FFFF) return RingError::chain_too_large;
    return std::nullopt;
}

std::optional<RingError> Virtqueue::walk(std::uint16_t head, Walk& chain) const {
    const std::byte* table = descriptors_;
    std::size_t table_size = size_;
    bool in_indirect = false;
    for (std::size_t index = head;;) {
        // Two loads make a copy of the descriptor; everything below uses the copy.
        const std::byte* place = table + index * sizeof(vring_desc);
        struct Copy {
            std::uint64_t address, rest;
        };
        const auto descriptor = std::bit_cast<vring_desc>(
            Copy{load_once_unaligned(place), load_once_unaligned(place + sizeof(std::uint64_t))});

        if ((descriptor.flags & VRING_DESC_F_INDIRECT) != 0) {
            if (!indirect_) return RingError::indirect_not_negotiated;
            if (in_indirect) return RingError::indirect_nested;                                     // 2.7.5.3.1
            if ((descriptor.flags & VRING_DESC_F_NEXT) != 0) return RingError::indirect_with_next;  // 2.7.5.3.1
            table_size = descriptor.len / sizeof(vring_desc);
            if (descriptor.len % sizeof(vring_desc) != 0 || table_size == 0 || table_size > size_)
                return RingError::indirect_size;
            const auto bytes = memory_->slice(GuestAddress{descriptor.addr}, descriptor.len);
            if (!bytes) return RingError::buffer_outside_memory;
            table = bytes->data();
            in_indirect = true;
            index = 0;
            continue;
        }

        const bool writable = (descriptor.flags & VRING_DESC_F_WRITE) != 0;
        if (const auto error = add_segment(chain, descriptor.addr, descriptor.len, writable)) return error;
        if ((descriptor.flags & VRING_DESC_F_NEXT) == 0) return std::nullopt;
        index = descriptor.next;
        if (index >= table_size) return RingError::next_out_of_range;
    }
}

}  // namespace hv
