// SPDX-License-Identifier: Apache-2.0
// virtio-rng: entropy from the host's kernel (virtio 1.2, section 5.4).
#pragma once

#include "hv/devices/ring_device.h"

namespace hv {

class EventLoop;

class RngDevice final : public RingDevice {
public:
    /// `loop` outlives the device.
    explicit RngDevice(EventLoop& loop);
    ~RngDevice() override;

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return "rng0"; }
    [[nodiscard]] std::uint64_t features() const override { return ring_features(); }
    [[nodiscard]] std::uint32_t queue_count() const override { return 1; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override { return {}; }

private:
    static constexpr std::uint32_t ring_size = 8;

    void started(std::uint64_t features) override;
    void serve(std::uint32_t queue) override;
    void stopped() override;

    EventLoop& loop_;
    std::uint64_t continuation_ = 0;  ///< timer, 0 = none
};

}  // namespace hv
