// SPDX-License-Identifier: Apache-2.0
// virtio-console: its life, and what guests write.
#include "hv/devices/console.h"

#include <linux/virtio_ids.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace hv {

namespace {

Counter doorbells("console.doorbells");
Counter events_sent("console.events_sent");
Counter events_suppressed("console.events_suppressed");
Counter ring_errors("console.ring_errors");

/// Bytes written in one turn of the loop.
constexpr std::size_t bytes_per_turn = 64 * 1024;

}  // namespace

ConsoleDevice::ConsoleDevice(EventLoop& loop, ConsoleOutput& output, int input_fd, PortSocket& agent)
    : RingDevice({doorbells, events_sent, events_suppressed, ring_errors}),
      loop_(loop),
      output_(output),
      input_(input_fd),
      input_is_terminal_(isatty(input_fd) != 0),
      console_{.queue = transmit_queue, .sink = &output},
      socket_(agent),
      agent_{.queue = agent_transmit, .sink = &agent} {
    virtio_console_config config{};
    config.max_nr_ports = 2;
    std::memcpy(config_.data(), &config, config_.size());
    output_.when_drained([this] { transmit(console_); });
    socket_.handle({.client_changed = [this] { tell_agent_of_client(); },
                    .input = [this] { receive_for_agent(); },
                    .drained = [this] { transmit(agent_); }});
}

ConsoleDevice::~ConsoleDevice() {
    stopped();
    output_.when_drained(nullptr);
    socket_.handle({});
}

std::uint32_t ConsoleDevice::device_id() const { return VIRTIO_ID_CONSOLE; }

void ConsoleDevice::started(std::uint64_t features) { multiport_ = (features >> VIRTIO_CONSOLE_F_MULTIPORT & 1) != 0; }

void ConsoleDevice::stopped() {
    unwatch_input();
    socket_.want_input(false);
    for (std::uint64_t* timer : {&receive_timer_, &control_timer_}) {
        if (*timer != 0) loop_.cancel(*timer);
        *timer = 0;
    }
    stop_transmitting(console_);
    stop_transmitting(agent_);
    agent_is_open_ = port0_is_ready_ = false;
    to_guest_.clear();
}

void ConsoleDevice::serve(std::uint32_t queue) {
    if (queue > transmit_queue && !multiport_) return;
    switch (queue) {
        case receive_queue:
            if (receive_timer_ == 0) watch_input();
            return;
        case transmit_queue: return transmit(console_);
        case control_in: return deliver_control();
        case control_out: return take_control();
        case agent_receive: return receive_for_agent();
        case agent_transmit: return transmit(agent_);
        default: return;
    }
}

void ConsoleDevice::stop_transmitting(Outgoing& port) {
    if (port.timer != 0) loop_.cancel(port.timer);
    port.timer = 0;
    port.chain.reset();
}

void ConsoleDevice::transmit(Outgoing& port) {
    if (ring(port.queue) == nullptr) return;
    ring(port.queue)->suppress_doorbells();
    std::size_t budget = bytes_per_turn;
    for (;;) {
        // While there is a backlog, chains wait in the ring: the guest sees a slow port, and loses no text.
        if (port.sink->congested()) break;
        if (budget == 0) {
            if (port.timer == 0)
                port.timer = loop_.after(0, [this, &port] {
                    port.timer = 0;
                    transmit(port);
                });
            break;
        }
        if (!port.chain) {
            port.chain = pop(port.queue, port.space);
            port.done = 0;
        }
        if (port.chain) {
            if (transmit_part(port, budget)) {
                ring(port.queue)->push(port.chain->head, 0);
                port.chain.reset();
            }
            continue;
        }
        if (ring(port.queue) == nullptr) return;
        publish(port.queue);
        if (!ring(port.queue)->resume_doorbells()) return;
    }
    publish(port.queue);
}

/// Writes more of the chain. True: all of it is written.
bool ConsoleDevice::transmit_part(Outgoing& port, std::size_t& budget) {
    std::size_t skip = port.done;
    for (const iovec& segment : port.chain->readable) {
        if (skip >= segment.iov_len) {
            skip -= segment.iov_len;
            continue;
        }
        const std::size_t size = std::min(segment.iov_len - skip, budget);
        port.sink->write({static_cast<const char*>(segment.iov_base) + skip, size});
        port.done += size;
        budget -= size;
        if (size < segment.iov_len - skip || port.sink->congested()) return port.done == port.chain->readable_bytes;
        skip = 0;
    }
    return true;
}

}  // namespace hv
