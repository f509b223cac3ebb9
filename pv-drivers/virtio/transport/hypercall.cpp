// SPDX-License-Identifier: Apache-2.0
// The devices of a pv machine.
#include "pv-drivers/virtio/transport/hypercall.h"

#include <new>

#include "hypercall/events.h"
#include "kernel/console/console.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/platform/hv/hypercall.h"
#include "kernel/platform/pv/host_calls.h"
#include "kernel/trap/interrupts.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon {
namespace {

struct PvHost {
    std::int64_t call(abi::Call number, std::initializer_list<std::uint64_t> arguments,
                      std::span<const std::byte> data) {
        return hypercall(number, arguments, data);
    }
    void ring(std::uint32_t doorbell) { pv::write_doorbell(doorbell); }
};

class PvTransport final : public virtio::HypercallTransport<PvHost> {
public:
    using HypercallTransport::HypercallTransport;
    ~PvTransport() {
        interrupts::set_handler(abi::event::device_queue(index()), nullptr, nullptr);
        interrupts::set_handler(abi::event::device_config(index()), nullptr, nullptr);
    }
    PvTransport(const PvTransport&) = delete;
    PvTransport& operator=(const PvTransport&) = delete;

    void listen(virtio::Listener* listener) override {
        HypercallTransport::listen(listener);
        interrupts::set_handler(
            abi::event::device_queue(index()),
            [](void* self) {
                if (auto* to = static_cast<PvTransport*>(self)->listener(); to != nullptr) to->queues_used();
            },
            this);
        interrupts::set_handler(
            abi::event::device_config(index()),
            [](void* self) {
                if (auto* to = static_cast<PvTransport*>(self)->listener(); to != nullptr) to->configuration_changed();
            },
            this);
    }
};

}  // namespace

void probe_virtio_hypercall(const abi::StartInfo& start) {
    const auto& page = *to_pointer<const abi::DevicePage>(PhysicalAddress{start.io_zone.base + abi::io_zone::devices});
    for (std::uint32_t index = 0; index < abi::max_devices && index < start.device_count; ++index) {
        if (page.devices[index].device_id == 0) continue;
        auto* transport = new (std::nothrow) PvTransport(page.devices[index], index, PvHost{});
        if (transport == nullptr)
            warn("virtio: no memory for device %u", index);
        else if (!virtio::attach(*transport))
            delete transport;
    }
}

}  // namespace tenon
