// SPDX-License-Identifier: Apache-2.0
// A network driver, the device below it and the stack above it.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "fake_device.h"
#include "fake_registers.h"
#include "pv-drivers/net/net.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "registered_devices.h"
#include "test_macros.h"

namespace tenon::test {

using namespace virtio;
using Ring = BasicFakeDevice<HostMemory>;
using Header = virtio_net_hdr_v1;

/// Keeps received frames until the test releases them.
struct Stack {
    struct Frame {
        ReceiveBuffer* first;
        bool checksum_valid, scarce;
        std::string bytes;
    };
    std::vector<Frame> frames;
    std::vector<void*> sent;
    int wakes = 0;

    static void wake(void* self) { ++static_cast<Stack*>(self)->wakes; }
    static void receive(void* self, const ReceivedFrame& frame) {
        std::string bytes;
        for (const ReceiveBuffer* part = &frame.first; part != nullptr; part = part->next)
            bytes.append(reinterpret_cast<const char*>(part->data.data()), part->data.size());
        static_cast<Stack*>(self)->frames.push_back({&frame.first, frame.checksum_valid, frame.scarce, bytes});
    }
    static inline Stack* current = nullptr;
    static void was_sent(void* cookie) { current->sent.push_back(cookie); }
    void release_all() {
        for (const Frame& frame : frames)
            for (ReceiveBuffer *part = frame.first, *next; part != nullptr; part = next) {
                next = part->next;
                part->release();
            }
        frames.clear();
    }
};

struct NetFixture {
    FakeMmioDevice model;
    MmioTransport<FakeRegisters> transport{FakeRegisters{&model}, 0x200};
    HostMemory memory;
    Stack stack;
    std::unique_ptr<NetDevice> net;
    std::unique_ptr<Ring> receive, transmit;

    explicit NetFixture(std::uint32_t queue_limit = 64) {
        Stack::current = &stack;
        model.id = VIRTIO_ID_NET;
        model.queue_limit = queue_limit;
        for (const unsigned bit :
             {VIRTIO_NET_F_MAC, VIRTIO_NET_F_STATUS, VIRTIO_NET_F_MTU, VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM,
              VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_RING_F_EVENT_IDX, VIRTIO_RING_F_INDIRECT_DESC})
            model.offered |= feature_bit(bit);
        model.config = {2, 1, 2, 3, 4, 5, VIRTIO_NET_S_LINK_UP, 0, 0, 0, 0xDC, 5};
        REQUIRE(Net::probe(transport));
        net.reset(take_registered_net_device());
        net->start(&Stack::wake, &Stack::receive, &Stack::was_sent, &stack);
        find_rings();
    }
    ~NetFixture() { stack.release_all(); }
    void find_rings() {
        receive = std::make_unique<Ring>(memory, model.queues[0].addresses, model.queues[0].size);
        transmit = std::make_unique<Ring>(memory, model.queues[1].addresses, model.queues[1].size);
    }
    /// Puts a frame's piece into the next receive buffer; `header` only into its first.
    void deliver(const std::string& bytes, const Header* header, std::uint32_t claim = 0) {
        const auto chain = receive->take();
        auto* to = to_pointer<char>(PhysicalAddress{chain.pieces.at(0).address});
        std::size_t size = 0;
        if (header != nullptr) {
            std::memcpy(to, header, sizeof(*header));
            size = sizeof(*header);
        }
        std::memcpy(to + size, bytes.data(), bytes.size());
        receive->use(chain.head, claim != 0 ? claim : static_cast<std::uint32_t>(size + bytes.size()));
    }
    [[nodiscard]] std::size_t posted() {
        return static_cast<std::uint16_t>(receive->available_index() - receive->used_index());
    }
};

inline Header header_with(std::uint16_t buffers, std::uint8_t flags = 0) {
    Header header{};
    header.flags = flags;
    header.num_buffers = buffers;
    return header;
}

struct OutFrame {
    alignas(16) std::array<char, 64> memory{};
    FramePart part{memory.data() + sizeof(Header), 40};
    [[nodiscard]] TransmitFrame frame(std::uint16_t start = 0) {
        return {.parts = std::span(&part, 1), .checksum_start = start, .checksum_offset = 16, .cookie = this};
    }
};

}  // namespace tenon::test
