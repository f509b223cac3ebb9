// SPDX-License-Identifier: Apache-2.0
// The entropy device's driver (virtio 1.2, section 5.4).
#include "pv-drivers/rng/rng.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/time/clock.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon::virtio {

Result<> Rng::probe(Transport& transport) {
    auto* rng = new (std::nothrow) Rng(transport);
    if (rng == nullptr) return fail(Error::no_memory);
    if (Result<> ready = rng->initialize(); !ready) {
        delete rng;
        return ready;
    }
    register_entropy_source(*rng);
    return {};
}

Rng::~Rng() {
    shut_down();
    dma_free(request_);
}

Result<> Rng::initialize() {
    request_ = static_cast<std::byte*>(dma_allocate(request_size));
    if (request_ == nullptr) return fail(Error::no_memory);
    constexpr std::array<QueueWish, 1> queues{{{.size = 4}}};
    prepare({.required = 0, .optional = 0}, queues);  // section 5.4.3: the device type has no features
    return {};
}

std::size_t Rng::read(std::span<std::byte> buffer) {
    const std::lock_guard lock(mutex_);
    const Nanoseconds deadline = monotonic_now() + 1'000'000'000;
    for (;;) {
        if (!running()) {
            requested_ = false;
            if (!restart([](std::uint32_t, void*) {})) return 0;
        }
        if (!requested_) {
            const Piece piece{to_physical(request_), request_size};
            if (!queue(request_queue).add({}, std::span(&piece, 1), request_)) return 0;
            requested_ = true;
            publish_and_notify(request_queue);
        }
        const std::uint32_t seen = changes_.load();
        const auto used = queue(request_queue).take_used();
        if (!used) continue;  // it broke: the next round restarts it
        if (*used) {
            requested_ = false;
            const std::size_t size = std::min<std::size_t>((*used)->written, buffer.size());
            std::memcpy(buffer.data(), request_, size);
            // Erased, so that nothing reads the bytes from the DMA zone later.
            std::memset(request_, 0, request_size);
            return size;
        }
        if (queue(request_queue).enable_interrupts()) continue;
        if (waiting_.wait_until([&] { return changes_.load() != seen; }, deadline) == WaitResult::timed_out) return 0;
    }
}

}  // namespace tenon::virtio

static tenon::Result<> virtio_rng(tenon::virtio::Transport& transport) { return tenon::virtio::Rng::probe(transport); }
TENON_VIRTIO_DRIVER(VIRTIO_ID_RNG, virtio_rng);
