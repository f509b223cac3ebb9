// SPDX-License-Identifier: Apache-2.0
// virtio-net: the data path.
#include <sys/uio.h>

#include <cerrno>

#include "hv/core/host_clock.h"
#include "hv/devices/net.h"

namespace hv {

namespace {

Counter rx_packets("net.rx_packets");
Counter rx_bytes("net.rx_bytes");
Counter rx_errors("net.rx_errors");
Counter rx_limited("net.rx_limited");
Counter rx_stalls("net.rx_stalls");
Counter tx_packets("net.tx_packets");
Counter tx_bytes("net.tx_bytes");
Counter tx_errors("net.tx_errors");
Counter tx_limited("net.tx_limited");
Counter tx_stalls("net.tx_stalls");

/// Frames moved in one turn of the loop.
constexpr int frames_per_turn = 64;
/// Frames after which hv publishes them to the guest, even if more are waiting.
constexpr int frames_per_publish = 16;

constexpr std::size_t header_size = sizeof(virtio_net_hdr_v1);

/// 0: the next frame may pass now. The clock is read only where there is a limit.
std::uint64_t wait_of(const RateLimiter& limiter) {
    return limiter.is_limiting() ? limiter.wait_ns(host_monotonic_ns()) : 0;
}

void count(RateLimiter& limiter, std::uint64_t bytes) {
    if (limiter.is_limiting()) limiter.count(bytes, host_monotonic_ns());
}

}  // namespace

/// Takes receive buffers from the ring until the largest frame fits. False: the driver has given too few.
bool NetDevice::fill_window() {
    while (window_.bytes() < largest_frame_) {
        // Without mergeable buffers each frame goes into one chain, whatever its size.
        if (!mergeable_ && !window_.empty()) return true;
        const auto space = window_.space(ring_size);
        if (space.empty()) return !window_.empty();
        const auto chain = pop(receive_queue, space);
        if (!chain) return false;
        if (chain->writable_bytes >= header_size) {
            window_.add(*chain);
        } else {
            // Refused: each buffer must have room for the header (5.1.6.3.1).
            rx_errors.add();
            ring(receive_queue)->push(chain->head, 0);
        }
    }
    return true;
}

void NetDevice::receive() {
    // While frames arrive, hv looks for buffers itself.
    ring(receive_queue)->suppress_doorbells();
    for (int budget = frames_per_turn; budget > 0;) {
        if (const std::uint64_t wait = wait_of(receive_limiter_); wait != 0) {
            rx_limited.add();
            receive_later(wait);
            break;
        }
        if (!fill_window()) {
            if (ring(receive_queue) == nullptr) return;
            publish(receive_queue);
            if (ring(receive_queue)->resume_doorbells()) continue;
            // The frames wait in the backend, which hv does not watch until the driver gives buffers.
            rx_stalls.add();
            receive_stalled_ = true;
            watch();
            return;
        }
        const auto segments = window_.for_frame(largest_frame_, mergeable_);
        const ssize_t size = readv(backend_.fd.get(), segments.data(), static_cast<int>(segments.size()));
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (size <= 0) {
            publish(receive_queue);
            return lose_backend();
        }
        --budget;
        if (static_cast<std::size_t>(size) < header_size) {
            rx_errors.add();
            continue;
        }
        window_.take(static_cast<std::uint64_t>(size),
                     [this](std::uint16_t head, std::uint32_t bytes) { ring(receive_queue)->push(head, bytes); });
        rx_packets.add();
        rx_bytes.add(static_cast<std::uint64_t>(size) - header_size);
        count(receive_limiter_, static_cast<std::uint64_t>(size) - header_size);
        if (budget % frames_per_publish == 0) publish(receive_queue);
    }
    publish(receive_queue);
}

/// Sends a chain's frame. True: the chain is done. False: the backend does not take it now.
bool NetDevice::transmit_chain(const Chain& chain) {
    if (chain.readable_bytes <= header_size || !backend_.fd) {
        tx_errors.add();
        return true;
    }
    const ssize_t size = writev(backend_.fd.get(), chain.readable.data(), static_cast<int>(chain.readable.size()));
    if (size >= 0) {
        tx_packets.add();
        tx_bytes.add(chain.readable_bytes - header_size);
        count(transmit_limiter_, chain.readable_bytes - header_size);
        return true;
    }
    if (errno == EAGAIN || errno == EINTR) return false;
    // The kernel refuses a frame with an invalid header, and all frames while the interface is down (EIO).
    tx_errors.add();
    return true;
}

void NetDevice::transmit() {
    ring(transmit_queue)->suppress_doorbells();
    transmit_stalled_ = false;
    for (int budget = frames_per_turn;;) {
        if (!waiting_) waiting_ = pop(transmit_queue, transmit_space_);
        if (!waiting_) {
            if (ring(transmit_queue) == nullptr) return;
            publish(transmit_queue);
            if (ring(transmit_queue)->resume_doorbells()) continue;
            break;
        }
        if (const std::uint64_t wait = wait_of(transmit_limiter_); wait != 0 && backend_.fd) {
            tx_limited.add();
            publish(transmit_queue);
            transmit_later(wait);
            break;
        }
        // To end a turn, hv also watches the backend for writability, which is reported at once if it is writable.
        const bool taken = budget-- > 0 && transmit_chain(*waiting_);
        if (!taken) {
            if (budget >= 0) tx_stalls.add();
            transmit_stalled_ = true;
            publish(transmit_queue);
            break;
        }
        ring(transmit_queue)->push(waiting_->head, 0);
        waiting_.reset();
        if (budget % frames_per_publish == 0) publish(transmit_queue);
    }
    watch();
    // Without a backend nothing becomes writable, which is what continues after a turn otherwise.
    if (transmit_stalled_ && !backend_.fd) transmit_later(0);
}

}  // namespace hv
