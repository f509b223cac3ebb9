// SPDX-License-Identifier: Apache-2.0
// The device's side of a split virtqueue over plain memory, obedient or hostile as a test wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::test {

/// Zero-filled and aligned, as QueueMemory has to be; its "physical" address is one that no pointer has.
class FakeMemory {
public:
    static constexpr std::uint64_t physical_base = 0x1000'0000;

    explicit FakeMemory(std::size_t size) : bytes_(size), storage_(new (std::align_val_t{4096}) std::byte[size]) {
        std::memset(storage_.get(), 0, size);
    }
    [[nodiscard]] virtio::QueueMemory memory() {
        return {std::span(storage_.get(), bytes_), PhysicalAddress{physical_base}};
    }
    template <typename T>
    T& at(PhysicalAddress address, std::size_t index = 0) {
        return *reinterpret_cast<T*>(storage_.get() + (to_integer(address) - physical_base) + index * sizeof(T));
    }

private:
    struct Free {
        void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{4096}); }
    };
    std::size_t bytes_;
    std::unique_ptr<std::byte[], Free> storage_;
};

/// Memory whose physical addresses come from to_physical(), as those of real drivers' rings.
struct HostMemory {
    template <typename T>
    T& at(PhysicalAddress address, std::size_t index = 0) {
        return to_pointer<T>(address)[index];
    }
};

template <typename Memory>
class BasicFakeDevice {
public:
    struct Piece {
        std::uint64_t address;
        std::uint32_t size;
        bool write;
        friend bool operator==(const Piece&, const Piece&) = default;
    };
    struct Chain {
        std::uint16_t head;
        std::vector<Piece> pieces;
    };

    BasicFakeDevice(Memory& memory, const virtio::Virtqueue& queue)
        : BasicFakeDevice(memory, queue.addresses(), queue.size()) {}
    BasicFakeDevice(Memory& memory, const virtio::QueueAddresses& addresses, std::uint32_t size)
        : memory_(memory), addresses_(addresses), size_(size) {}

    std::uint16_t available_index() { return memory_.template at<std::uint16_t>(addresses_.driver, 1); }
    std::uint16_t available_flags() { return memory_.template at<std::uint16_t>(addresses_.driver, 0); }
    std::uint16_t used_event() { return memory_.template at<std::uint16_t>(addresses_.driver, 2u + size_); }
    bool has_available() { return next_ != available_index(); }

    Chain take() {
        Chain chain{memory_.template at<std::uint16_t>(addresses_.driver, 2u + next_++ % size_), {}};
        const vring_desc head = memory_.template at<vring_desc>(addresses_.descriptors, chain.head);
        if ((head.flags & VRING_DESC_F_INDIRECT) != 0)
            walk(PhysicalAddress{head.addr}, 0, chain);
        else
            walk(addresses_.descriptors, chain.head, chain);
        return chain;
    }
    /// Writes a used element, valid or not.
    void use(std::uint32_t id, std::uint32_t written) {
        auto& element = *reinterpret_cast<vring_used_elem*>(&memory_.template at<std::byte>(
            addresses_.device, sizeof(vring_used) + (used_ % size_) * sizeof(vring_used_elem)));
        element = {id, written};
        set_used_index(static_cast<std::uint16_t>(used_ + 1));
    }
    void set_used_index(std::uint16_t index) {
        used_ = index;
        memory_.template at<std::uint16_t>(addresses_.device, 1) = index;
    }
    void set_used_flags(std::uint16_t flags) { memory_.template at<std::uint16_t>(addresses_.device, 0) = flags; }
    void set_available_event(std::uint16_t index) {
        memory_.template at<std::uint16_t>(addresses_.device,
                                           2 + size_ * sizeof(vring_used_elem) / sizeof(std::uint16_t)) = index;
    }
    /// Whether a device with EVENT_IDX interrupts after it moved the used index from `before`.
    bool would_interrupt(std::uint16_t before) { return vring_need_event(used_event(), used_, before) != 0; }
    std::uint16_t used_index() const { return used_; }

private:
    void walk(PhysicalAddress table, std::uint16_t index, Chain& chain) {
        for (;;) {
            const vring_desc entry = memory_.template at<vring_desc>(table, index);
            chain.pieces.push_back({entry.addr, entry.len, (entry.flags & VRING_DESC_F_WRITE) != 0});
            if ((entry.flags & VRING_DESC_F_NEXT) == 0) return;
            index = entry.next;
        }
    }

    Memory& memory_;
    virtio::QueueAddresses addresses_;
    std::uint32_t size_;
    std::uint16_t next_ = 0;
    std::uint16_t used_ = 0;
};

using FakeDevice = BasicFakeDevice<FakeMemory>;

}  // namespace tenon::test
