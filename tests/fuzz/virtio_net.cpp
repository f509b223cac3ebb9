// SPDX-License-Identifier: Apache-2.0
// Fuzzes the network driver, and with it the virtqueue, with a device that does whatever the input says: used elements,
// indices, headers, configuration, DEVICE_NEEDS_RESET. Whatever it does, buffers and cookies are handed over once each.
#include <array>
#include <cstdlib>
#include <memory>
#include <set>

#include "kernel/mm/page_allocator.h"
#include "pv-drivers/net/net.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "tests/unit/pv-drivers/fake_device.h"
#include "tests/unit/pv-drivers/fake_registers.h"
#include "tests/unit/pv-drivers/registered_devices.h"

namespace tenon {
void warn(const char*, ...) {}
MemoryStatistics memory_statistics() { return {.dma_total_bytes = 4 << 20}; }
}  // namespace tenon

namespace {

using namespace tenon;
using namespace tenon::virtio;
using Ring = test::BasicFakeDevice<test::HostMemory>;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Input {
    const std::uint8_t* data;
    std::size_t size;
    std::uint8_t byte() { return size == 0 ? std::uint8_t{0} : (--size, *data++); }
    std::uint16_t word() { return static_cast<std::uint16_t>(byte() << 8 | byte()); }
};

std::set<ReceiveBuffer*> held;
std::multiset<void*> in_flight;

void receive(void*, const ReceivedFrame& frame) {
    for (ReceiveBuffer* part = &frame.first; part != nullptr; part = part->next) {
        require(held.insert(part).second);
        for (const std::byte byte : part->data) asm volatile("" : : "r"(byte));
    }
}
void sent(void* cookie) {
    const auto found = in_flight.find(cookie);
    require(found != in_flight.end());
    in_flight.erase(found);
}
void release_one() {
    if (held.empty()) return;
    ReceiveBuffer* buffer = *held.begin();
    held.erase(held.begin());
    buffer->release();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input{data, size};
    test::FakeMmioDevice model;
    model.id = VIRTIO_ID_NET;
    model.queue_limit = 8u << (input.byte() % 5);
    model.offered |= std::uint64_t{input.word()} | std::uint64_t{input.word()} << 16;
    model.config.resize(12);
    MmioTransport<test::FakeRegisters> transport{test::FakeRegisters{&model}, 0x200};
    if (!Net::probe(transport)) return 0;
    const std::unique_ptr<NetDevice> net(test::take_registered_net_device());
    net->start([](void*) {}, receive, sent, nullptr);
    test::HostMemory memory;
    alignas(16) static std::array<std::byte, 4096> frame_memory{};

    while (input.size > 0) {
        const std::uint8_t action = input.byte();
        auto& queue = model.queues[action & 1];
        if (queue.ready == 0) break;
        // Made anew each time: a device without memory of its past is harder on the driver.
        Ring ring(memory, queue.addresses, queue.size);
        switch (action >> 1 & 7) {
            case 0: ring.set_used_index(input.word()); break;
            case 1: {  // a used element in the place that comes next, and the index behind it
                const std::uint16_t index = memory.at<std::uint16_t>(queue.addresses.device, 1);
                ring.set_used_index(index);
                ring.use(input.byte() % 64, input.word() % 3000);
                break;
            }
            case 2: {  // bytes into a posted buffer: headers
                if (model.queues[0].ready == 0) break;
                const auto& descriptor = memory.at<vring_desc>(model.queues[0].addresses.descriptors, input.byte() % 8);
                if (descriptor.addr == 0) break;
                auto* bytes = to_pointer<std::uint8_t>(PhysicalAddress{descriptor.addr});
                for (std::size_t i = 0; i < sizeof(virtio_net_hdr_v1); ++i) bytes[i] = input.byte() % 4;
                break;
            }
            case 3: {
                const FramePart part{frame_memory.data() + 64, 1u + input.byte()};
                const TransmitFrame frame{
                    .parts = std::span(&part, 1), .checksum_start = 14, .checksum_offset = 16, .cookie = &frame_memory};
                if (net->transmit(frame)) in_flight.insert(&frame_memory);
                net->flush();
                break;
            }
            case 4: net->poll(1 + input.byte() % 64); break;
            case 5: release_one(); break;
            case 6:
                model.status |= input.byte() % 4 == 0 ? VIRTIO_CONFIG_S_NEEDS_RESET : 0;
                model.config[input.byte() % 12] = input.byte();
                model.interrupt = input.byte() & 3;
                transport.interrupt();
                break;
            case 7: (void)net->reclaim(); break;
            default: break;
        }
    }
    while (!held.empty()) release_one();
    in_flight.clear();
    return 0;
}
