// SPDX-License-Identifier: Apache-2.0
// virtio-console, one port: standard input and output of hv (virtio 1.2, section 5.3).
#pragma once

#include <array>
#include <optional>

#include "hv/core/event_loop.h"
#include "hv/devices/console_output.h"
#include "hv/devices/ring_device.h"

namespace hv {

class ConsoleDevice final : public RingDevice {
public:
    /// `loop` and `output` outlive the device. `input_fd` is not owned; -1 = none.
    ConsoleDevice(EventLoop& loop, ConsoleOutput& output, int input_fd);
    ~ConsoleDevice() override;

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return "console0"; }
    [[nodiscard]] std::uint64_t features() const override { return ring_features(); }
    [[nodiscard]] std::uint32_t queue_count() const override { return 2; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override { return config_; }

private:
    static constexpr std::uint32_t ring_size = 64;
    static constexpr std::uint32_t receive_queue = 0;
    static constexpr std::uint32_t transmit_queue = 1;

    void started(std::uint64_t features) override;
    void serve(std::uint32_t queue) override;
    void stopped() override;

    void transmit();
    bool transmit_part(std::size_t& budget);
    void receive(std::uint32_t epoll_events);
    void watch_input();
    void unwatch_input();
    void read_later(std::uint64_t delay_ns);

    EventLoop& loop_;
    ConsoleOutput& output_;
    int input_;  ///< -1 after its end
    bool input_is_terminal_;
    bool watching_ = false;
    std::uint64_t transmit_timer_ = 0;  ///< 0 = none
    std::uint64_t receive_timer_ = 0;
    std::array<std::byte, 12> config_{};

    /// The chain that is being written out, and how much of it is.
    std::optional<Chain> chain_;
    std::size_t chain_done_ = 0;
    std::array<iovec, ring_size> transmit_space_;
};

}  // namespace hv
