// SPDX-License-Identifier: Apache-2.0
// The virtio console's driver: port 0, without MULTIPORT (virtio 1.2, section 5.3).
#pragma once

#include <atomic>

#include "kernel/device/console_device.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/wait.h"
#include "pv-drivers/virtio/device.h"

namespace tenon::virtio {

/// Text is copied into buffers of the DMA zone. One mutex serialises everything but waiting.
class Console final : public Device, public ConsoleDevice {
public:
    /// Makes a console of the device and registers it. Errors: those of Device::start.
    static Result<> probe(Transport& transport);

    void write(std::string_view text) override;
    void drain() override;
    std::size_t read(std::span<char> buffer) override;
    [[nodiscard]] bool readable() override;
    void notify_readable(void (*callback)(void* context), void* context) override;

private:
    explicit Console(Transport& transport) : Device(transport) {}
    ~Console() override;

    // Section 5.3.2.
    enum Queue : std::uint32_t { receive = 0, transmit = 1 };
    static constexpr std::size_t transmit_size = 2048, transmit_count = 8;
    static constexpr std::size_t receive_size = 256, receive_count = 4;

    Result<> initialize();
    void queues_used() override { wake(); }
    void status_changed() override { wake(); }
    void wake();

    // With mutex_ held.
    void post_receive(char* buffer);
    void reclaim();
    [[nodiscard]] bool recover();
    /// The next input, if there is some.
    [[nodiscard]] bool next_input();
    /// Blocks until something happens after `seen`; with mutex_ not held.
    void wait_for_change(std::uint32_t seen);

    Mutex mutex_;
    WaitQueue waiting_{"console"};
    std::atomic<std::uint32_t> changes_ = 0;  // interrupts so far
    char* buffers_ = nullptr;                 // transmit buffers, then receive buffers
    char* free_[transmit_count] = {};         // last freed first
    std::size_t free_count_ = 0;
    char* input_ = nullptr;  // a receive buffer that is being read
    std::size_t input_begin_ = 0, input_end_ = 0;
    std::atomic<void (*)(void*)> notify_ = nullptr;
    void* notify_context_ = nullptr;
};

}  // namespace tenon::virtio
