// SPDX-License-Identifier: Apache-2.0
// virtio-console: both directions with back-pressure.
#include "hv/devices/console.h"

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace hv {

namespace {

Counter doorbells("console.doorbells");
Counter events_sent("console.events_sent");
Counter events_suppressed("console.events_suppressed");
Counter ring_errors("console.ring_errors");
Counter bytes_in("console.in_bytes");

static_assert(sizeof(virtio_console_config) == 12);

/// Bytes written before the loop's other work has its turn.
constexpr std::size_t bytes_per_turn = 64 * 1024;
/// A background process may not read its terminal: it looks again after this time.
constexpr std::uint64_t background_retry_ns = 500'000'000;

}  // namespace

ConsoleDevice::ConsoleDevice(EventLoop& loop, ConsoleOutput& output, int input_fd)
    : RingDevice({doorbells, events_sent, events_suppressed, ring_errors}),
      loop_(loop),
      output_(output),
      input_(input_fd),
      input_is_terminal_(isatty(input_fd) != 0) {
    output_.when_drained([this] {
        if (ring(transmit_queue) != nullptr) transmit();
    });
}

ConsoleDevice::~ConsoleDevice() {
    stopped();
    output_.when_drained(nullptr);
}

std::uint32_t ConsoleDevice::device_id() const { return VIRTIO_ID_CONSOLE; }

void ConsoleDevice::started(std::uint64_t) {}

void ConsoleDevice::stopped() {
    unwatch_input();
    for (std::uint64_t* timer : {&transmit_timer_, &receive_timer_}) {
        if (*timer != 0) loop_.cancel(*timer);
        *timer = 0;
    }
    chain_.reset();
}

void ConsoleDevice::serve(std::uint32_t queue) {
    if (queue == transmit_queue)
        transmit();
    else if (receive_timer_ == 0)
        watch_input();
}

void ConsoleDevice::transmit() {
    ring(transmit_queue)->suppress_doorbells();
    std::size_t budget = bytes_per_turn;
    for (;;) {
        // With a backlog the chains wait in the ring: the guest sees a slow console, and loses nothing.
        if (output_.congested()) break;
        if (budget == 0) {
            if (transmit_timer_ == 0)
                transmit_timer_ = loop_.after(0, [this] {
                    transmit_timer_ = 0;
                    if (ring(transmit_queue) != nullptr) transmit();
                });
            break;
        }
        if (!chain_) {
            chain_ = pop(transmit_queue, transmit_space_);
            chain_done_ = 0;
        }
        if (chain_) {
            if (transmit_part(budget)) {
                ring(transmit_queue)->push(chain_->head, 0);
                chain_.reset();
            }
            continue;
        }
        if (ring(transmit_queue) == nullptr) return;
        publish(transmit_queue);
        if (!ring(transmit_queue)->resume_doorbells()) return;
    }
    publish(transmit_queue);
}

/// Writes on in the chain. True: all of it is written.
bool ConsoleDevice::transmit_part(std::size_t& budget) {
    std::size_t skip = chain_done_;
    for (const iovec& segment : chain_->readable) {
        if (skip >= segment.iov_len) {
            skip -= segment.iov_len;
            continue;
        }
        const std::size_t size = std::min(segment.iov_len - skip, budget);
        output_.write({static_cast<const char*>(segment.iov_base) + skip, size});
        chain_done_ += size;
        budget -= size;
        if (size < segment.iov_len - skip || output_.congested()) return chain_done_ == chain_->readable_bytes;
        skip = 0;
    }
    return true;
}

void ConsoleDevice::watch_input() {
    if (watching_ || input_ < 0) return;
    watching_ = loop_.watch(input_, EPOLLIN, [this](std::uint32_t events) { receive(events); }).has_value();
    // A file cannot be watched: it is always readable.
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

void ConsoleDevice::receive(std::uint32_t epoll_events) {
    std::array<iovec, ring_size> space;
    const auto chain = pop(receive_queue, space);
    if (ring(receive_queue) == nullptr) return;
    if (!chain) {
        // Nothing is read that has no place to go; the next doorbell of this queue starts again.
        unwatch_input();
        if (ring(receive_queue)->resume_doorbells()) read_later(0);
        return;
    }
    // The chain's first segment is enough: consoles are slow, and a driver gives a page at a time.
    const ssize_t size = chain->writable.empty() ? 0 : readv(input_, chain->writable.data(), 1);
    if (!chain->writable.empty() && size <= 0) {
        ring(receive_queue)->unpop(1);
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
        const bool in_background = size < 0 && errno == EIO && input_is_terminal_ && (epoll_events & EPOLLHUP) == 0;
        if (in_background) return read_later(background_retry_ns);
        unwatch_input();
        input_ = -1;
        return;
    }
    bytes_in.add(static_cast<std::uint64_t>(size));
    ring(receive_queue)->push(chain->head, static_cast<std::uint32_t>(size));
    publish(receive_queue);
    if (!watching_) read_later(0);
}

}  // namespace hv
