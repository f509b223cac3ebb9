// SPDX-License-Identifier: Apache-2.0
// A console device with ports, the driver above it, and the few kernel functions that it calls.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fake_device.h"
#include "fake_registers.h"
#include "host_threads.h"
#include "kernel/console/console_device.h"
#include "kernel/device/console_port.h"
#include "pv-drivers/console/console.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "test_macros.h"

namespace tenon::test {

/// The driver's calls of the kernel.
struct ConsoleKernel {
    std::vector<ConsoleDevice*> consoles;
    std::vector<ConsolePorts*> providers;
    std::vector<const char*> port_names;
    std::string early;  ///< text that went the slow way
};
ConsoleKernel& console_kernel();

/// Answers as its flags say, when the driver is ready or a test tells it to.
struct FakeConsole {
    using Ring = BasicFakeDevice<HostMemory>;
    FakeMmioDevice model;
    virtio::MmioTransport<FakeRegisters> transport{FakeRegisters{&model}, 0x200};
    HostMemory memory;
    std::map<std::pair<std::ptrdiff_t, std::uint32_t>, std::unique_ptr<Ring>> rings;  // a reset makes new ones
    std::vector<virtio_console_control> heard;                                        ///< from the driver
    bool has_port0 = true, has_port1 = true;
    std::string text;  ///< of port 0

    explicit FakeConsole(std::uint64_t features = virtio::feature_bit(VIRTIO_CONSOLE_F_MULTIPORT)) {
        model.id = VIRTIO_ID_CONSOLE;
        model.queue_count = 6;  // port 0, control, port 1
        model.offered |= features;
        model.on_notify = [this](std::uint32_t queue) { notified(queue); };
    }
    Ring& ring(std::uint32_t queue) {
        auto& found = rings[{std::count(model.statuses.begin(), model.statuses.end(), 0u), queue}];
        if (found == nullptr)
            found = std::make_unique<Ring>(memory, model.queues[queue].addresses, model.queues[queue].size);
        return *found;
    }
    void interrupt() {
        model.interrupt = VIRTIO_MMIO_INT_VRING;
        transport.interrupt();
    }
    /// Writes `bytes` into the next buffer of `queue`, and reports `written` bytes.
    void give(std::uint32_t queue, std::string_view bytes, std::uint32_t written) {
        const Ring::Chain chain = ring(queue).take();
        std::memcpy(to_pointer(PhysicalAddress{chain.pieces.front().address}), bytes.data(), bytes.size());
        ring(queue).use(chain.head, written);
    }
    void give(std::uint32_t queue, std::string_view bytes) {
        give(queue, bytes, static_cast<std::uint32_t>(bytes.size()));
    }
    void control(std::uint32_t id, std::uint16_t event, std::uint16_t value, std::string_view name = {}) {
        const std::string bytes = message(id, event, value, name);
        give(2, bytes, static_cast<std::uint32_t>(bytes.size()));
    }
    static std::string message(std::uint32_t id, std::uint16_t event, std::uint16_t value, std::string_view name = {}) {
        const virtio_console_control header{.id = id, .event = event, .value = value};
        return std::string(reinterpret_cast<const char*>(&header), sizeof(header)).append(name);
    }
    /// The values of messages of one kind about one port.
    std::vector<unsigned> heard_about(std::uint32_t id, std::uint16_t event) const {
        std::vector<unsigned> values;
        for (const auto& message : heard)
            if (message.id == id && message.event == event) values.push_back(message.value);
        return values;
    }

private:
    void notified(std::uint32_t queue) {
        if (queue == 1) take_text();
        while (queue == 3 && ring(3).has_available()) {
            const Ring::Chain chain = ring(3).take();
            virtio_console_control message;
            std::memcpy(&message, to_pointer(PhysicalAddress{chain.pieces.front().address}), sizeof(message));
            ring(3).use(chain.head, 0);
            heard.push_back(message);
            if (message.event != VIRTIO_CONSOLE_DEVICE_READY) continue;
            if (has_port0) control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
            if (has_port1) control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
        }
    }
    void take_text() {
        while (ring(1).has_available()) {
            const Ring::Chain chain = ring(1).take();
            text.append(to_pointer<const char>(PhysicalAddress{chain.pieces.front().address}),
                        chain.pieces.front().size);
            ring(1).use(chain.head, 0);
        }
    }
};

}  // namespace tenon::test
