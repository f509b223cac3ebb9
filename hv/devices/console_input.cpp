// SPDX-License-Identifier: Apache-2.0
// virtio-console, port 0: hv's standard input.
#include <sys/epoll.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "hv/devices/console.h"

namespace hv {

namespace {

Counter bytes_in("console.in_bytes");

/// A background process may not read its terminal. hv tries again after this time.
constexpr std::uint64_t background_retry_ns = 500'000'000;

}  // namespace

void ConsoleDevice::watch_input() {
    if (watching_ || input_ < 0) return;
    watching_ = loop_.watch(input_, EPOLLIN, [this](std::uint32_t events) { receive(events); }).has_value();
    // epoll refuses regular files, which are always readable.
    if (!watching_) receive(EPOLLIN);
}

void ConsoleDevice::unwatch_input() {
    if (watching_) loop_.unwatch(input_);
    watching_ = false;
}

void ConsoleDevice::read_later(std::uint64_t delay_ns) {
    unwatch_input();
    if (receive_timer_ != 0) return;
    receive_timer_ = loop_.after(delay_ns, [this] {
        receive_timer_ = 0;
        if (ring(receive_queue) != nullptr) watch_input();
    });
}

/// A driver with ports hears that the host has closed port 0, and what it has read by then stands in the ring; one
/// without ports does not hear of it.
void ConsoleDevice::end_input() {
    unwatch_input();
    input_ = -1;
    if (!port0_is_ready_) return;
    send_control(0, VIRTIO_CONSOLE_PORT_OPEN, 0);
    deliver_control();
}

/// Closed, and open again.
void ConsoleDevice::tell_of_terminals_end() {
    const auto is_waiting = [](const ControlMessage& message) {
        return message.header.id == 0 && message.header.event == VIRTIO_CONSOLE_PORT_OPEN && message.header.value == 0;
    };
    // A driver that does not listen collects one end.
    if (!port0_is_ready_ || std::ranges::any_of(to_guest_, is_waiting)) return;
    send_control(0, VIRTIO_CONSOLE_PORT_OPEN, 0);
    send_control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
    deliver_control();
}

void ConsoleDevice::receive(std::uint32_t epoll_events) {
    std::array<iovec, ring_size> space;
    const auto chain = pop(receive_queue, space);
    if (ring(receive_queue) == nullptr) return;
    if (!chain) {
        // Without a buffer nothing is read; the queue's next doorbell starts reading again.
        unwatch_input();
        if (ring(receive_queue)->resume_doorbells()) read_later(0);
        return;
    }
    // Only the chain's first segment is used: consoles are slow, and drivers give buffers of one segment.
    const ssize_t size = chain->writable.empty() ? 0 : readv(input_, chain->writable.data(), 1);
    if (!chain->writable.empty() && size <= 0) {
        ring(receive_queue)->unpop(1);
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
        const bool in_background = size < 0 && errno == EIO && input_is_terminal_ && (epoll_events & EPOLLHUP) == 0;
        if (in_background) return read_later(background_retry_ns);
        // Ctrl-D was typed: a terminal's next line can still be read.
        if (size == 0 && input_is_terminal_ && (epoll_events & EPOLLHUP) == 0) return tell_of_terminals_end();
        return end_input();
    }
    bytes_in.add(static_cast<std::uint64_t>(size));
    ring(receive_queue)->push(chain->head, static_cast<std::uint32_t>(size));
    publish(receive_queue);
    if (!watching_) read_later(0);
}

}  // namespace hv
