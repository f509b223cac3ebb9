// SPDX-License-Identifier: Apache-2.0
// The virtio-mmio transport, version 2 (virtio 1.2, section 4.2): a device's registers, as a guest sees them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "hv/devices/device.h"

namespace hv {

/// The services of the machine that a transport uses.
class MmioHost {
public:
    virtual ~MmioHost() = default;
    /// Raises the device's interrupt line once (an edge). May be called on any thread.
    virtual void raise_interrupt() = 0;
    /// Runs `work` on the event loop's thread, where devices live, and returns when it is done. Called by vCPU threads.
    virtual void run_on_loop(const std::function<void()>& work) = 0;
};

/// One register page. vCPU threads may call `read` and `write` at any time with any arguments; the device itself is
/// only used on the event loop's thread. An access that the specification forbids is counted, and has no effect; a
/// forbidden read gives zeros.
class MmioTransport final : private DeviceSignals {
public:
    static constexpr std::uint64_t size = 4096;
    /// The register whose writes are doorbells. The machine may catch them by an ioeventfd, and then calls ring().
    static constexpr std::uint64_t notify_offset = 0x050;

    /// On the loop's thread. `device`, `memory` and `host` outlive the transport, whose destructor resets the device.
    MmioTransport(Device& device, const GuestMemory& memory, MmioHost& host);
    ~MmioTransport() override;
    MmioTransport(const MmioTransport&) = delete;
    MmioTransport& operator=(const MmioTransport&) = delete;

    /// `offset` < size. Little-endian value of `width` bytes (1, 2, 4 or 8).
    [[nodiscard]] std::uint64_t read(std::uint64_t offset, std::uint32_t width);
    void write(std::uint64_t offset, std::uint32_t width, std::uint64_t value);

    /// The doorbell of `queue` rang. On the loop's thread.
    void ring(std::uint32_t queue);

private:
    struct Queue {
        std::uint32_t size = 0;
        bool ready = false;
        std::uint64_t descriptors = 0, driver = 0, device = 0;
    };

    std::uint32_t read_register(std::uint64_t offset);
    void write_register(std::uint64_t offset, std::uint32_t value);
    std::uint64_t read_config(std::uint64_t offset, std::uint32_t width);
    void write_config(std::uint64_t offset, std::uint32_t width, std::uint64_t value);
    void write_status(std::uint32_t value);
    void write_features(std::uint32_t value);
    void write_queue(std::uint64_t offset, std::uint32_t value);
    void activate();
    void reset();
    [[nodiscard]] std::uint32_t status() const;
    [[nodiscard]] bool status_step_allowed(std::uint32_t value) const;
    [[nodiscard]] bool features_acceptable() const;
    [[nodiscard]] Queue* selected_queue();

    // DeviceSignals, on the loop's thread.
    void used_buffers() override;
    void configuration_changed() override;
    void needs_reset() override;
    void interrupt(std::uint32_t reason);
    bool copy_config();
    bool refresh_config();

    Device& device_;
    const GuestMemory& memory_;
    MmioHost& host_;
    const std::uint64_t offered_;

    std::mutex registers_lock_;  ///< guards the members up to the blank line; signals do not take it
    std::uint32_t status_ = 0;
    std::uint32_t device_features_select_ = 0, driver_features_select_ = 0, queue_select_ = 0;
    std::uint64_t accepted_ = 0;
    std::array<Queue, tenon::abi::max_queues> queues_{};
    bool configured_ = false;  ///< the driver wrote to the configuration since the reset

    std::atomic<bool> active_ = false;  ///< between a successful activate and the reset
    std::atomic<bool> needs_reset_ = false;
    std::atomic<std::uint32_t> interrupt_status_ = 0;

    std::mutex config_lock_;  ///< guards the guest's copy of the configuration and its generation
    std::vector<std::byte> config_;
    std::uint32_t config_generation_ = 0;
};

}  // namespace hv
