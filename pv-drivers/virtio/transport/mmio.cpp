// SPDX-License-Identifier: Apache-2.0
// virtio-mmio devices of the machine. Their register pages are mapped at guest_base + physical address.
#include "pv-drivers/virtio/transport/mmio.h"

#include <new>

#include "kernel/console/console.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/trap/interrupts.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon {
namespace {

/// Each call is one volatile access of the given width: sections 4.2.2 (32 bits) and 4.2.2.2 (configuration by bytes).
class RegisterPage {
public:
    explicit RegisterPage(std::uint64_t address) : base_(to_pointer<volatile std::uint8_t>(PhysicalAddress{address})) {}
    [[nodiscard]] std::uint8_t read8(std::size_t offset) const { return base_[offset]; }
    [[nodiscard]] std::uint32_t read32(std::size_t offset) const {
        return *reinterpret_cast<const volatile std::uint32_t*>(base_ + offset);
    }
    void write8(std::size_t offset, std::uint8_t value) { base_[offset] = value; }
    void write16(std::size_t offset, std::uint16_t value) {
        *reinterpret_cast<volatile std::uint16_t*>(base_ + offset) = value;
    }
    void write32(std::size_t offset, std::uint32_t value) {
        *reinterpret_cast<volatile std::uint32_t*>(base_ + offset) = value;
    }

private:
    volatile std::uint8_t* base_;
};

class MachineMmioTransport final : public virtio::MmioTransport<RegisterPage> {
public:
    MachineMmioTransport(RegisterPage page, std::size_t size, std::uint32_t event)
        : MmioTransport(page, size), event_(event) {}
    ~MachineMmioTransport() { interrupts::set_handler(event_, nullptr, nullptr); }
    MachineMmioTransport(const MachineMmioTransport&) = delete;
    MachineMmioTransport& operator=(const MachineMmioTransport&) = delete;

    void listen(virtio::Listener* listener) override {
        MmioTransport::listen(listener);
        interrupts::set_handler(
            event_, [](void* self) { static_cast<MachineMmioTransport*>(self)->interrupt(); }, this);
    }

private:
    std::uint32_t event_;
};

}  // namespace

void probe_virtio_mmio(std::uint64_t address, std::uint64_t size, std::uint32_t event) {
    const RegisterPage page(address);
    if (!virtio::MmioTransport<RegisterPage>(page, size).present()) return;
    auto* transport = new (std::nothrow) MachineMmioTransport(page, size, event);
    if (transport == nullptr)
        warn("virtio: no memory for the device at 0x%llx", static_cast<unsigned long long>(address));
    else if (!virtio::attach(*transport))
        delete transport;
}

}  // namespace tenon
