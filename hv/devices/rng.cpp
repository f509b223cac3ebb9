// SPDX-License-Identifier: Apache-2.0
// virtio-rng.
#include "hv/devices/rng.h"

#include <linux/virtio_ids.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "hv/core/event_loop.h"

namespace hv {

namespace {

Counter doorbells("rng.doorbells");
Counter events_sent("rng.events_sent");
Counter events_suppressed("rng.events_suppressed");
Counter ring_errors("rng.ring_errors");
Counter bytes_given("rng.bytes");

/// Most bytes for one request: the device may give less than the buffer holds (5.4.6.1).
constexpr std::size_t bytes_per_request = 1024;
/// Requests served in one turn of the loop.
constexpr int requests_per_turn = 4;

}  // namespace

RngDevice::RngDevice(EventLoop& loop)
    : RingDevice({doorbells, events_sent, events_suppressed, ring_errors}), loop_(loop) {}

RngDevice::~RngDevice() { stopped(); }

std::uint32_t RngDevice::device_id() const { return VIRTIO_ID_RNG; }

void RngDevice::started(std::uint64_t) {}

void RngDevice::stopped() {
    if (continuation_ != 0) loop_.cancel(continuation_);
    continuation_ = 0;
}

void RngDevice::serve(std::uint32_t queue) {
    std::array<iovec, ring_size> space;
    ring(queue)->suppress_doorbells();
    int budget = requests_per_turn;
    for (;;) {
        if (budget-- == 0) {
            publish(queue);
            if (continuation_ == 0)
                continuation_ = loop_.after(0, [this, queue] {
                    continuation_ = 0;
                    if (ring(queue) != nullptr) serve(queue);
                });
            return;
        }
        const auto chain = pop(queue, space);
        if (!chain) {
            if (ring(queue) == nullptr) return;
            publish(queue);
            if (ring(queue)->resume_doorbells()) continue;
            return;
        }
        std::size_t given = 0;
        for (const iovec& segment : chain->writable) {
            const std::size_t size = std::min(segment.iov_len, bytes_per_request - given);
            const ssize_t got = size == 0 ? 0 : getrandom(segment.iov_base, size, 0);
            if (got <= 0) break;
            given += static_cast<std::size_t>(got);
        }
        bytes_given.add(given);
        ring(queue)->push(chain->head, static_cast<std::uint32_t>(given));
    }
}

}  // namespace hv
