// SPDX-License-Identifier: Apache-2.0
// The entropy device's driver (virtio 1.2, section 5.4).
#pragma once

#include <atomic>

#include "kernel/entropy/random.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/wait.h"
#include "pv-drivers/virtio/device.h"

namespace tenon::virtio {

class Rng final : public Device, public EntropySource {
public:
    /// Makes an entropy source of the device and registers it. Errors: those of Device::start.
    static Result<> probe(Transport& transport);

    /// Fills at least a part of `buffer`. Returns 0 if the device is broken, or takes longer than a second.
    std::size_t read(std::span<std::byte> buffer) override;

private:
    explicit Rng(Transport& transport) : Device(transport) {}
    ~Rng() override;

    static constexpr std::uint32_t request_queue = 0;  // section 5.4.2
    static constexpr std::size_t request_size = 64;

    Result<> initialize();
    void queues_used() override { wake(); }
    void status_changed() override { wake(); }
    void wake() {
        changes_.fetch_add(1);
        waiting_.wake_all();
    }

    Mutex mutex_;
    WaitQueue waiting_{"rng"};
    std::atomic<std::uint32_t> changes_ = 0;
    std::byte* request_ = nullptr;  // in the DMA zone
    bool requested_ = false;        // the device has it
};

}  // namespace tenon::virtio
