// SPDX-License-Identifier: Apache-2.0
// The driver's side of a split ring, on memory of the test's own. It may break every rule.
#pragma once

#define VIRTIO_RING_NO_LEGACY
#include <linux/virtio_ring.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "hv/core/guest_memory.h"
#include "hypercall/calls.h"

namespace hv::test {

/// Guest memory that starts at `base`. The sanitizer sees what lies outside of it.
class FakeMemory {
public:
    static constexpr std::uint64_t base = 0x10'0000;
    explicit FakeMemory(std::size_t size = 1 << 20) : bytes_(size) {}
    [[nodiscard]] GuestMemory guest() {
        const GuestMemory::Region region{base, bytes_};
        return GuestMemory(std::span(&region, 1));
    }
    [[nodiscard]] std::uint64_t end() const { return base + bytes_.size(); }
    [[nodiscard]] std::byte* at(std::uint64_t address) { return bytes_.data() + (address - base); }
    template <typename T>
    void write(std::uint64_t address, const T& value) {
        std::memcpy(at(address), &value, sizeof value);
    }
    template <typename T>
    [[nodiscard]] T read(std::uint64_t address) {
        T value;
        std::memcpy(&value, at(address), sizeof value);
        return value;
    }
    void write_text(std::uint64_t address, std::string_view text) {
        std::memcpy(at(address), text.data(), text.size());
    }
    [[nodiscard]] std::string text(std::uint64_t address, std::size_t size) {
        return {reinterpret_cast<const char*>(at(address)), size};
    }

private:
    std::vector<std::byte> bytes_;
};

struct FakeRing {
    FakeMemory& memory;
    std::uint16_t size;
    std::uint64_t place;  ///< of the descriptors; the rings follow, a page each
    std::uint16_t next = 0;
    std::uint16_t seen = 0;

    [[nodiscard]] tenon::abi::QueueSetup setup() const {
        return {.size = size, .reserved = 0, .descriptors = place, .driver = available(), .device = used()};
    }
    [[nodiscard]] std::uint64_t available() const { return place + size * sizeof(vring_desc); }
    [[nodiscard]] std::uint64_t used() const { return (available() + 6 + size * 2U + 3) / 4 * 4; }

    void descriptor(std::uint16_t index, std::uint64_t address, std::uint32_t length, std::uint16_t flags = 0,
                    std::uint16_t following = 0) {
        memory.write(place + index * sizeof(vring_desc), vring_desc{address, length, flags, following});
    }
    /// Puts a chain into the available ring, and shows it.
    void offer(std::uint16_t head) {
        put(head);
        show(next);
    }
    void put(std::uint16_t head) { memory.write(available() + 4 + 2U * (next++ % size), head); }
    void show(std::uint16_t index) { memory.write(available() + 2, index); }
    void available_flags(std::uint16_t flags) { memory.write(available(), flags); }
    void want_event_after(std::uint16_t index) { memory.write(available() + 4 + 2U * size, index); }

    [[nodiscard]] std::uint16_t used_index() { return memory.read<std::uint16_t>(used() + 2); }
    [[nodiscard]] std::uint16_t used_flags() { return memory.read<std::uint16_t>(used()); }
    [[nodiscard]] std::uint16_t doorbell_after() { return memory.read<std::uint16_t>(used() + 4 + 8U * size); }
    /// The next used element; there must be one.
    [[nodiscard]] vring_used_elem take() { return memory.read<vring_used_elem>(used() + 4 + 8U * (seen++ % size)); }
    [[nodiscard]] bool has_used() { return seen != used_index(); }
};

}  // namespace hv::test
