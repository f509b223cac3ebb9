// SPDX-License-Identifier: Apache-2.0
// virtio-net: frames between a guest's rings and the host's network (virtio 1.2, section 5.1).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "hv/core/event_loop.h"
#include "hv/core/rate_limiter.h"
#include "hv/devices/net_backend.h"
#include "hv/devices/net_limits.h"
#include "hv/devices/receive_window.h"
#include "hv/devices/ring_device.h"
#include "hv/devices/virtio_net_header.h"

namespace hv {

/// hv copies no payload: it passes the segments of descriptor chains to readv and writev of the backend.
class NetDevice final : public RingDevice {
public:
    /// `loop` outlives the device.
    NetDevice(EventLoop& loop, NetBackend backend, const std::array<std::uint8_t, 6>& mac);
    ~NetDevice() override;

    /// Limits both directions from now on. Buckets start full; frames that wait go on by the new limits at once.
    void limit(const NetLimits& limits);

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return "net0"; }
    [[nodiscard]] std::uint64_t features() const override;
    [[nodiscard]] std::uint32_t queue_count() const override { return 2; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override;

private:
    static constexpr std::uint32_t ring_size = 256;
    static constexpr std::uint32_t receive_queue = 0;
    static constexpr std::uint32_t transmit_queue = 1;

    void started(std::uint64_t features) override;
    void serve(std::uint32_t queue) override;
    void stopped() override;
    void quiesced() override { watch(); }

    void on_backend(std::uint32_t epoll_events);
    void receive();
    bool fill_window();
    void transmit();
    bool transmit_chain(const Chain& chain);
    void receive_later(std::uint64_t delay_ns);
    void transmit_later(std::uint64_t delay_ns);
    void cancel_timers();
    void watch();
    void lose_backend();

    EventLoop& loop_;
    NetBackend backend_;
    virtio_net_config config_{};
    bool watching_ = false;
    std::uint32_t watched_ = 0;  ///< epoll events

    bool mergeable_ = false;
    std::uint64_t largest_frame_ = 0;  ///< including its header; a receive buffer must hold it
    bool receive_stalled_ = false;     ///< frames wait until the driver gives buffers
    std::uint64_t receive_timer_ = 0;  ///< frames wait because of the limit; 0 = no timer
    RateLimiter receive_limiter_;
    bool told_of_offloads_ = false;
    bool transmit_stalled_ = false;     ///< chains wait for the backend, or for the loop's other work
    std::uint64_t transmit_timer_ = 0;  ///< chains wait because of the limit, or without a backend; 0 = no timer
    RateLimiter transmit_limiter_;
    ReceiveWindow window_;
    std::vector<iovec> transmit_space_;
    std::optional<Chain> waiting_;  ///< the chain that the backend has not taken yet
};

}  // namespace hv
