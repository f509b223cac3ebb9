// SPDX-License-Identifier: Apache-2.0
// virtio-console with MULTIPORT: the control queues, and the agent's port (virtio 1.2, section 5.3.6.2).
#include <algorithm>
#include <cstring>

#include "hv/devices/console.h"

namespace hv {

namespace {

Counter control_messages("console.control_messages");
Counter control_ignored("console.control_ignored");

static_assert(sizeof(virtio_console_config) == 12);

/// Most control messages that wait for buffers. With so many waiting, hv takes no requests of the driver until it has
/// given buffers.
constexpr std::size_t most_waiting = 16;

/// Copies `size` bytes from the start of `segments`; false if there are fewer.
bool gather(std::span<const iovec> segments, void* to, std::size_t size) {
    auto* out = static_cast<std::byte*>(to);
    for (const iovec& segment : segments) {
        const std::size_t part = std::min(size, segment.iov_len);
        std::memcpy(out, segment.iov_base, part);
        out += part;
        size -= part;
    }
    return size == 0;
}

/// Copies `text` into `segments`, as far as there is room; returns how much.
std::size_t scatter(std::string_view text, std::span<const iovec> segments) {
    const std::size_t whole = text.size();
    for (const iovec& segment : segments) {
        const std::size_t part = std::min(text.size(), segment.iov_len);
        std::memcpy(segment.iov_base, text.data(), part);
        text.remove_prefix(part);
    }
    return whole - text.size();
}

}  // namespace

void ConsoleDevice::take_control() {
    std::array<iovec, ring_size> space;
    ring(control_out)->suppress_doorbells();
    for (std::uint32_t taken = 0;;) {
        // deliver_control() schedules the rest.
        if (to_guest_.size() >= most_waiting) break;
        if (taken++ == ring_size) {
            if (control_timer_ == 0)
                control_timer_ = loop_.after(0, [this] {
                    control_timer_ = 0;
                    if (ring(control_out) != nullptr) take_control();
                });
            break;
        }
        const auto chain = pop(control_out, space);
        if (ring(control_out) == nullptr) return;
        if (!chain) {
            publish(control_out);
            if (ring(control_out)->resume_doorbells()) continue;
            break;
        }
        virtio_console_control message;
        const bool whole = gather(chain->readable, &message, sizeof message);
        ring(control_out)->push(chain->head, 0);
        control_messages.add();
        if (whole)
            on_control(message);
        else
            control_ignored.add();
    }
    publish(control_out);
    deliver_control();
}

void ConsoleDevice::on_control(const virtio_console_control& message) {
    switch (message.event) {
        case VIRTIO_CONSOLE_DEVICE_READY:
            if (message.value == 0) return;
            send_control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
            return send_control(agent_port, VIRTIO_CONSOLE_PORT_ADD, 1);
        case VIRTIO_CONSOLE_PORT_READY:
            if (message.value == 0) return;
            if (message.id == agent_port) return send_control(agent_port, VIRTIO_CONSOLE_PORT_NAME, 1, agent_port_name);
            if (message.id != 0) return control_ignored.add();
            port0_is_ready_ = true;
            send_control(0, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
            // Input that has ended already is at its end for this driver too.
            return send_control(0, VIRTIO_CONSOLE_PORT_OPEN, input_ < 0 ? 0 : 1);
        case VIRTIO_CONSOLE_PORT_OPEN:
            if (message.id != agent_port) return;
            agent_is_open_ = message.value != 0;
            if (agent_is_open_) {
                socket_.open();
                if (socket_.has_client()) tell_agent_of_client();
            }
            return;
        default: return control_ignored.add();
    }
}

void ConsoleDevice::send_control(std::uint32_t port, std::uint16_t event, std::uint16_t value, std::string_view name) {
    to_guest_.push_back({{.id = port, .event = event, .value = value}, name});
}

/// Reports that a client came or left. The guest learns of both, so that an agent can tell two clients apart.
void ConsoleDevice::tell_agent_of_client() {
    if (!agent_is_open_) return;
    const bool present = socket_.has_client();
    // A departure replaces earlier reports that still wait: a driver that gives no buffers has at most two waiting.
    if (!present)
        std::erase_if(to_guest_, [](const ControlMessage& message) {
            return message.header.id == agent_port && message.header.event == VIRTIO_CONSOLE_PORT_OPEN;
        });
    send_control(agent_port, VIRTIO_CONSOLE_PORT_OPEN, present ? 1 : 0);
    if (ring(control_in) != nullptr) deliver_control();
}

void ConsoleDevice::deliver_control() {
    const bool was_full = to_guest_.size() >= most_waiting;
    std::array<iovec, ring_size> space;
    while (!to_guest_.empty()) {
        const auto chain = pop(control_in, space);
        if (ring(control_in) == nullptr) return;
        if (!chain) {
            publish(control_in);
            if (ring(control_in)->resume_doorbells()) continue;
            break;
        }
        std::array<char, sizeof(virtio_console_control) + agent_port_name.size()> bytes;
        const ControlMessage& message = to_guest_.front();
        std::memcpy(bytes.data(), &message.header, sizeof message.header);
        message.name.copy(bytes.data() + sizeof message.header, message.name.size());
        const std::size_t size = scatter({bytes.data(), sizeof message.header + message.name.size()}, chain->writable);
        to_guest_.erase(to_guest_.begin());
        ring(control_in)->push(chain->head, static_cast<std::uint32_t>(size));
    }
    publish(control_in);
    if (was_full && to_guest_.size() < most_waiting && control_timer_ == 0)
        control_timer_ = loop_.after(0, [this] {
            control_timer_ = 0;
            if (ring(control_out) != nullptr) take_control();
        });
    if (ring(agent_receive) != nullptr) receive_for_agent();
}

void ConsoleDevice::receive_for_agent() {
    // The guest must learn that a client is there before it gets the client's bytes.
    if (!agent_is_open_ || !to_guest_.empty()) return socket_.want_input(false);
    std::array<iovec, ring_size> space;
    const auto chain = pop(agent_receive, space);
    if (ring(agent_receive) == nullptr) return;
    if (!chain) {
        // Without a buffer the bytes stay in the socket, and their sender waits.
        socket_.want_input(false);
        if (ring(agent_receive)->resume_doorbells()) socket_.want_input(true);
        return;
    }
    const std::size_t size = chain->writable.empty() ? 0 : socket_.read(chain->writable.front());
    // The read may have found that the client left, and the report to the guest may have broken the ring.
    if (ring(agent_receive) == nullptr) return;
    if (size == 0 && !chain->writable.empty()) {
        ring(agent_receive)->unpop(1);
    } else {
        ring(agent_receive)->push(chain->head, static_cast<std::uint32_t>(size));
        publish(agent_receive);
    }
    socket_.want_input(agent_is_open_ && to_guest_.empty());
}

}  // namespace hv
