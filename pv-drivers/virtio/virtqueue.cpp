// SPDX-License-Identifier: Apache-2.0
// The driver's side of a split virtqueue (virtio 1.2, section 2.7).
#include "pv-drivers/virtio/virtqueue.h"

#include <atomic>
#include <bit>
#include <new>

namespace tenon::virtio {
namespace {

// Little-endian is the host's order here (virtio 1.2, section 1.4): x86-64 only.
static_assert(std::endian::native == std::endian::little);

/// Offsets of the parts in the queue's memory, with the alignments of section 2.7. The used ring, which the device
/// writes, stands on cache lines of its own.
struct Layout {
    std::size_t available, used, tables, size;

    explicit Layout(const QueueOptions& options) {
        const std::size_t count = options.size;
        available = count * sizeof(vring_desc);
        used = align_up(available + (3 + count) * sizeof(std::uint16_t), 64);
        tables = align_up(used + 3 * sizeof(std::uint16_t) + count * sizeof(vring_used_elem), 64);
        size = tables + count * options.indirect_entries * sizeof(vring_desc);
    }
};

enum AvailableIndex : std::size_t { available_flags = 0, available_index = 1, available_ring = 2 };

std::atomic_ref<std::uint16_t> shared(std::uint16_t& word) { return std::atomic_ref<std::uint16_t>(word); }

std::uint16_t& used_word(std::byte* used, std::size_t offset) {
    return *reinterpret_cast<std::uint16_t*>(used + offset);
}

/// Orders earlier stores before later loads, for the device too. MFENCE, where the compiler would take a locked
/// instruction: QEMU emulates the latter as an ordinary one on a machine of one CPU, whose devices run in other
/// threads.
void store_load_fence() { asm volatile("mfence" ::: "memory"); }

/// Reads memory that the device may write, once: the copy cannot change between check and use.
template <typename T>
T read_once(const T& value) {
    return *const_cast<const volatile T*>(&value);
}

}  // namespace

std::size_t Virtqueue::memory_size(const QueueOptions& options) { return Layout(options).size; }

Result<Virtqueue> Virtqueue::create(const QueueOptions& options, const QueueMemory& memory) {
    if (!std::has_single_bit(options.size) || options.size > 32768) return fail(Error::invalid_argument);
    const Layout layout(options);
    if (memory.bytes.size() < layout.size ||
        reinterpret_cast<std::uintptr_t>(memory.bytes.data()) % sizeof(vring_desc) != 0)
        return fail(Error::invalid_argument);

    Virtqueue queue;
    // A slot is written when its descriptor is first given out, so a large queue costs no memory before it is used.
    queue.slots_memory_.reset(static_cast<Slot*>(::operator new(options.size * sizeof(Slot), std::nothrow)));
    queue.slots_ = queue.slots_memory_.get();
    if (queue.slots_ == nullptr) return fail(Error::no_memory);
    std::byte* base = memory.bytes.data();
    queue.descriptors_ = reinterpret_cast<vring_desc*>(base);
    queue.available_ = reinterpret_cast<std::uint16_t*>(base + layout.available);
    queue.used_ = base + layout.used;
    queue.tables_ = reinterpret_cast<vring_desc*>(base + layout.tables);
    queue.base_ = memory.address;
    queue.size_ = options.size;
    queue.indirect_entries_ = options.indirect_entries;
    queue.event_index_ = options.event_index;
    return queue;
}

QueueAddresses Virtqueue::addresses() const {
    const Layout layout({.size = size_, .event_index = event_index_, .indirect_entries = indirect_entries_});
    const std::uint64_t base = to_integer(base_);
    return {PhysicalAddress{base}, PhysicalAddress{base + layout.available}, PhysicalAddress{base + layout.used}};
}

std::uint16_t Virtqueue::take_free() {
    std::uint16_t index = first_free_;
    if (index != none)
        first_free_ = slots_[index].next;
    else
        index = never_used_++;
    slots_[index] = {nullptr, 0, 0, none};
    ++descriptors_out_;
    return index;
}

void Virtqueue::release_chain(std::uint16_t head) {
    slots_[head].cookie = nullptr;
    std::uint16_t last = head;
    for (std::uint16_t left = slots_[head].count; left > 1; --left) last = slots_[last].next;
    descriptors_out_ = static_cast<std::uint16_t>(descriptors_out_ - slots_[head].count);
    slots_[last].next = first_free_;
    first_free_ = head;
    --chains_out_;
}

Result<> Virtqueue::add(std::span<const Piece> readable, std::span<const Piece> writable, void* cookie) {
    const std::size_t pieces = readable.size() + writable.size();
    if (broken_) return fail(Error::device_broken);
    if (pieces == 0 || cookie == nullptr) return fail(Error::invalid_argument);
    // A chain's total is at most 2^32 bytes (section 2.7.4.2), and a piece is never empty (devices may refuse it).
    std::uint64_t writable_bytes = 0;
    for (const Piece& piece : readable)
        if (piece.size == 0) return fail(Error::invalid_argument);
    for (const Piece& piece : writable) {
        if (piece.size == 0) return fail(Error::invalid_argument);
        writable_bytes += piece.size;
    }
    if (writable_bytes > UINT32_MAX) return fail(Error::invalid_argument);

    const bool indirect = pieces > 1 && pieces <= indirect_entries_;
    const std::size_t descriptors = indirect ? 1 : pieces;
    if (descriptors > size_) return fail(Error::invalid_argument);  // section 2.7.5.3.1: no longer than the queue
    if (descriptors > free_descriptors()) return fail(Error::busy);

    const std::uint16_t head = take_free();
    slots_[head].count = static_cast<std::uint16_t>(descriptors);
    if (indirect)
        write_indirect(head, readable, writable);
    else
        write_direct(head, readable, writable);
    slots_[head].cookie = cookie;
    slots_[head].writable = static_cast<std::uint32_t>(writable_bytes);

    // Section 2.7.13: the entry is written before the index that covers it, which publish() stores.
    available_[available_ring + (next_available_ & (size_ - 1))] = head;
    ++next_available_;
    ++chains_out_;
    return {};
}

void Virtqueue::write_direct(std::uint16_t head, std::span<const Piece> readable, std::span<const Piece> writable) {
    const std::size_t pieces = readable.size() + writable.size();
    std::uint16_t index = head;
    for (std::size_t i = 0; i < pieces; ++i) {
        const bool write = i >= readable.size();
        const Piece& piece = write ? writable[i - readable.size()] : readable[i];
        vring_desc& descriptor = descriptors_[index];
        descriptor.addr = to_integer(piece.address);
        descriptor.len = piece.size;
        descriptor.flags = write ? VRING_DESC_F_WRITE : 0;
        if (i + 1 == pieces) break;
        const std::uint16_t next = take_free();
        descriptor.flags |= VRING_DESC_F_NEXT;
        descriptor.next = next;
        slots_[index].next = next;
        index = next;
    }
}

void Virtqueue::write_indirect(std::uint16_t head, std::span<const Piece> readable, std::span<const Piece> writable) {
    // Section 2.7.5.3: one descriptor, without NEXT or WRITE, that refers to a table of the chain's own.
    const std::size_t pieces = readable.size() + writable.size();
    vring_desc* table = tables_ + static_cast<std::size_t>(head) * indirect_entries_;
    for (std::size_t i = 0; i < pieces; ++i) {
        const bool write = i >= readable.size();
        const Piece& piece = write ? writable[i - readable.size()] : readable[i];
        const unsigned next = i + 1 < pieces ? VRING_DESC_F_NEXT : 0;
        table[i].addr = to_integer(piece.address);
        table[i].len = piece.size;
        table[i].flags = static_cast<std::uint16_t>((write ? VRING_DESC_F_WRITE : 0u) | next);
        table[i].next = static_cast<std::uint16_t>(next != 0 ? i + 1 : 0);
    }
    const auto offset =
        static_cast<std::uint64_t>(reinterpret_cast<std::byte*>(table) - reinterpret_cast<std::byte*>(descriptors_));
    vring_desc& descriptor = descriptors_[head];
    descriptor.addr = to_integer(base_) + offset;
    descriptor.len = static_cast<std::uint32_t>(pieces * sizeof(vring_desc));
    descriptor.flags = VRING_DESC_F_INDIRECT;
    descriptor.next = 0;
}

bool Virtqueue::publish() {
    if (published_ == next_available_ || broken_) return false;
    const std::uint16_t before = published_;
    published_ = next_available_;
    shared(available_[available_index]).store(published_, std::memory_order_release);
    // Section 2.7.13.4.1: the index must be visible before the device's notification setting is read, or both sides
    // could sleep.
    store_load_fence();
    if (event_index_) {
        const std::size_t offset = sizeof(vring_used) + size_ * sizeof(vring_used_elem);
        const std::uint16_t event = shared(used_word(used_, offset)).load(std::memory_order_relaxed);
        return vring_need_event(event, published_, before) != 0;
    }
    const std::uint16_t flags = shared(used_word(used_, 0)).load(std::memory_order_relaxed);
    return (flags & VRING_USED_F_NO_NOTIFY) == 0;
}

bool Virtqueue::has_used() const {
    return shared(used_word(used_, sizeof(std::uint16_t))).load(std::memory_order_acquire) != next_used_;
}

std::unexpected<Error> Virtqueue::break_down() {
    broken_ = true;
    return fail(Error::device_broken);
}

Result<std::optional<Virtqueue::Used>> Virtqueue::take_used() {
    if (broken_) return fail(Error::device_broken);
    if (size_ == 0) return std::nullopt;  // not made yet
    const std::uint16_t index = shared(used_word(used_, sizeof(std::uint16_t))).load(std::memory_order_acquire);
    if (index == next_used_) return std::nullopt;
    // More chains used than published, or the index went backwards.
    if (static_cast<std::uint16_t>(index - next_used_) > static_cast<std::uint16_t>(published_ - next_used_))
        return break_down();

    auto* ring = reinterpret_cast<vring_used_elem*>(used_ + sizeof(vring_used));
    const vring_used_elem& element = ring[next_used_ & (size_ - 1)];
    const std::uint32_t id = read_once(element.id);
    const std::uint32_t written = read_once(element.len);
    // Slots from never_used_ on are uninitialised.
    if (id >= never_used_ || slots_[id].cookie == nullptr) return break_down();
    if (written > slots_[id].writable) return break_down();

    const Used used{slots_[id].cookie, written};
    release_chain(static_cast<std::uint16_t>(id));
    ++next_used_;
    return used;
}

bool Virtqueue::enable_interrupts(std::uint16_t after) {
    if (event_index_)
        // Section 2.7.10: an interrupt when the entry with this index is written.
        shared(available_[available_ring + size_])
            .store(static_cast<std::uint16_t>(next_used_ + after), std::memory_order_relaxed);
    else
        shared(available_[available_flags]).store(0, std::memory_order_relaxed);
    store_load_fence();
    const std::uint16_t index = shared(used_word(used_, sizeof(std::uint16_t))).load(std::memory_order_acquire);
    return static_cast<std::uint16_t>(index - next_used_) > (event_index_ ? after : 0);
}

void Virtqueue::disable_interrupts() {
    if (event_index_)
        // The entry before the next one has been used already: its index comes again only after 2^16 chains.
        shared(available_[available_ring + size_])
            .store(static_cast<std::uint16_t>(next_used_ - 1), std::memory_order_relaxed);
    else
        shared(available_[available_flags]).store(VRING_AVAIL_F_NO_INTERRUPT, std::memory_order_relaxed);
}

void* Virtqueue::take_unused() {
    for (std::uint16_t head = 0; head < never_used_; ++head) {
        if (void* cookie = slots_[head].cookie; cookie != nullptr) {
            release_chain(head);
            return cookie;
        }
    }
    return nullptr;
}

}  // namespace tenon::virtio
