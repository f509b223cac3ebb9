// SPDX-License-Identifier: Apache-2.0
// virtio-console (virtio 1.2, section 5.3): port 0 is standard input and output of hv, port 1 the guest agent's socket.
#pragma once

#include <linux/virtio_console.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "hv/core/event_loop.h"
#include "hv/devices/console_output.h"
#include "hv/devices/port_socket.h"
#include "hv/devices/ring_device.h"

namespace hv {

/// The name by which libvirt and qemu-ga find the port.
inline constexpr std::string_view agent_port_name = "org.qemu.guest_agent.0";

/// A driver without MULTIPORT has port 0 only.
class ConsoleDevice final : public RingDevice {
public:
    /// `loop`, `output` and `agent` outlive the device. `input_fd` is not owned; -1 = none.
    ConsoleDevice(EventLoop& loop, ConsoleOutput& output, int input_fd, PortSocket& agent);
    ~ConsoleDevice() override;

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return "console0"; }
    [[nodiscard]] std::uint64_t features() const override {
        return ring_features() | 1ULL << VIRTIO_CONSOLE_F_MULTIPORT;
    }
    [[nodiscard]] std::uint32_t queue_count() const override { return 6; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override { return config_; }

    /// A program in the guest has the agent's port open.
    [[nodiscard]] bool agent_is_open() const { return agent_is_open_; }

private:
    static constexpr std::uint32_t ring_size = 64;
    // 5.3.2: the queues of port 0, those for control, those of port 1.
    enum Queue : std::uint32_t {
        receive_queue,
        transmit_queue,
        control_in,
        control_out,
        agent_receive,
        agent_transmit
    };
    static constexpr std::uint32_t agent_port = 1;

    /// Output of a port that is being written.
    struct Outgoing {
        std::uint32_t queue;
        PortSink* sink;
        std::uint64_t timer = 0;       ///< 0 = none
        std::optional<Chain> chain{};  ///< the chain in work
        std::size_t done = 0;          ///< bytes of it that are written
        std::array<iovec, ring_size> space{};
    };
    /// A control message to the guest. In the buffer the name follows the header.
    struct ControlMessage {
        virtio_console_control header;
        std::string_view name;
    };

    void started(std::uint64_t features) override;
    void serve(std::uint32_t queue) override;
    void stopped() override;
    void quiesced() override { unwatch_input(); }

    void transmit(Outgoing& port);
    bool transmit_part(Outgoing& port, std::size_t& budget);
    void stop_transmitting(Outgoing& port);

    void receive(std::uint32_t epoll_events);
    void watch_input();
    void unwatch_input();
    void read_later(std::uint64_t delay_ns);
    void end_input();
    void tell_of_terminals_end();

    void take_control();
    void on_control(const virtio_console_control& message);
    void send_control(std::uint32_t port, std::uint16_t event, std::uint16_t value, std::string_view name = {});
    void deliver_control();
    void tell_agent_of_client();
    void receive_for_agent();

    EventLoop& loop_;
    ConsoleOutput& output_;
    int input_;                    ///< -1 after its end
    bool port0_is_ready_ = false;  ///< the driver of a device with ports has said so
    bool input_is_terminal_;
    bool watching_ = false;
    std::uint64_t receive_timer_ = 0;  ///< 0 = none
    std::array<std::byte, 12> config_{};
    Outgoing console_;

    PortSocket& socket_;
    Outgoing agent_;
    bool multiport_ = false;                ///< negotiated
    bool agent_is_open_ = false;            ///< a program in the guest has port 1 open
    std::uint64_t control_timer_ = 0;       ///< 0 = none
    std::vector<ControlMessage> to_guest_;  ///< control messages that wait for a buffer
};

}  // namespace hv
