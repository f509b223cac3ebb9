// SPDX-License-Identifier: Apache-2.0
// The virtio consoles: bringing devices up, and port 0.
#include "pv-drivers/console/console.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>

#include "kernel/platform/platform.h"
#include "pv-drivers/console/named_port.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon::virtio {

Console::Console(Transport& transport) : Device(transport) {}
Console::~Console() {
    shut_down();
    const std::lock_guard lock(mutex_);
    for (Console** link = &first_; *link != nullptr; link = &(*link)->next_)
        if (*link == this) {
            *link = next_;
            break;
        }
    lose_ports();
}

Result<> Console::probe(Transport& transport) {
    std::unique_ptr<Console> console(new (std::nothrow) Console(transport));
    if (console == nullptr) return fail(Error::no_memory);
    CHECK(console->initialize());
    Console& registered = *console.release();
    {
        const std::lock_guard lock(mutex_);
        Console** end = &first_;
        while (*end != nullptr) end = &(*end)->next_;
        *end = &registered;
    }
    register_console_device(registered);
    if (registered.port_limit_ != 0) register_console_ports(registered);
    return {};
}

Result<> Console::initialize() {
    CHECK(console_.allocate());
    constexpr QueueWish to_us{.size = PortQueues::receive_count}, from_us{.size = PortQueues::transmit_count};
    std::array<QueueWish, abi::max_queues> queues{to_us, from_us};
    // Of the features of section 5.3.3 only MULTIPORT is useful: for ports with names, and to hear of the end of input.
    if (!offers(VIRTIO_CONSOLE_F_MULTIPORT)) {
        prepare({.required = 0, .optional = 0}, std::span(queues).first(2));
        return {};
    }
    CHECK(control_.allocate());
    queues[control_receive] = queues[control_transmit] = {.size = ControlQueues::queue_size};
    while (!console_port_names().empty() && port_limit_ < most_ports && has_queue(2 * port_limit_ + 5)) {
        ++port_limit_;
        queues[2 * port_limit_ + 2] = to_us;
        queues[2 * port_limit_ + 3] = from_us;
    }
    prepare({.required = feature_bit(VIRTIO_CONSOLE_F_MULTIPORT), .optional = 0},
            std::span(queues).first(4 + 2 * port_limit_));
    return {};
}

void Console::wake() {
    changes_.fetch_add(1);
    waiting_.wake_all();
    if (auto* callback = notify_.load(std::memory_order_acquire); callback != nullptr) callback(notify_context_);
}

WaitResult Console::wait_for_change(std::uint32_t seen, Nanoseconds deadline) {
    return waiting_.wait_until([&] { return changes_.load() != seen; }, deadline);
}

/// Brings the device up at its first use, and again after it broke.
bool Console::recover() {
    if (running()) return true;
    lose_ports();
    // Data in flight is lost.
    works_ = restart([](std::uint32_t, void*) {}).has_value();
    if (!works_) return false;
    console_.start(queue(receive), queue(transmit));
    publish_and_notify(receive);
    if (!control_.allocated()) return true;
    port0_ = Port0::unknown;
    input_ = {};
    ready_at_ = monotonic_now();
    control_.start(queue(control_receive), queue(control_transmit));
    publish_and_notify(control_receive);
    send_control(VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
    publish_and_notify(control_transmit);
    return true;
}

bool Console::has_port0(std::unique_lock<Mutex>& lock) {
    if (!control_.allocated()) return true;
    constexpr Nanoseconds patience = 100'000'000;
    for (;;) {
        const std::uint32_t seen = changes_.load();
        serve_control();
        if (!running()) return true;  // the caller notices at its next step
        if (port0_ != Port0::unknown) return port0_ == Port0::there;
        if (queue(control_receive).enable_interrupts()) continue;
        lock.unlock();
        const WaitResult result = wait_for_change(seen, ready_at_ + patience);
        lock.lock();
        if (result == WaitResult::timed_out && port0_ == Port0::unknown) port0_ = Port0::missing;
    }
}

Console* Console::with_port0(std::unique_lock<Mutex>& lock) {
    for (Console* device = first_; device != nullptr; device = device->next_)
        if (device->recover() && device->has_port0(lock)) return device;
    return nullptr;
}

void Console::write(std::string_view text) {
    while (!text.empty()) {
        std::unique_lock lock(mutex_);
        Console* device = with_port0(lock);
        if (device == nullptr) {
            // No device works, or none has a port 0: the early console is slow, but shows the text.
            lock.unlock();
            platform().early_console_write(text);
            return;
        }
        const std::uint32_t seen = changes_.load();
        device->console_.reclaim();
        if (device->queue(transmit).broken()) continue;
        device->queue(transmit).disable_interrupts();
        if (device->console_.put(text)) {
            device->publish_and_notify(transmit);
            continue;
        }
        if (device->queue(transmit).enable_interrupts()) continue;
        lock.unlock();
        wait_for_change(seen);
    }
}

void Console::drain() {
    for (Console* device = first_; device != nullptr; device = device->next_) device->drain_text();
}

void Console::drain_text() {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!running()) return;  // nothing was written yet, or the device broke
        const std::uint32_t seen = changes_.load();
        console_.reclaim();
        if (!running() || queue(transmit).chains_out() == 0) return;
        if (queue(transmit).enable_interrupts()) continue;
        lock.unlock();
        wait_for_change(seen);
    }
}

std::size_t Console::read(std::span<char> buffer) {
    if (buffer.empty()) return 0;
    for (;;) {
        std::unique_lock lock(mutex_);
        Console* device = with_port0(lock);
        if (device == nullptr) return 0;
        const std::uint32_t seen = changes_.load();
        bool posted = false;
        const std::size_t size = device->console_.take(buffer, posted);
        if (posted) device->publish_and_notify(receive);
        if (size != 0) return size;
        // If the queue is broken, the next round restarts the device.
        if (device->queue(receive).broken()) continue;
        // The queue holds everything that was written before the end, before the device reports the end.
        if (device->input_.take_end()) return 0;
        if (device->listen()) continue;
        lock.unlock();
        wait_for_change(seen);
    }
}

bool Console::readable() {
    std::unique_lock lock(mutex_);
    for (;;) {
        Console* device = with_port0(lock);
        if (device == nullptr) return false;
        if (device->console_.has_input() || device->input_.has_end() || device->queue(receive).enable_interrupts())
            return true;
        if (!device->listen()) return false;
    }
}

bool Console::listen() {
    const bool input = queue(receive).enable_interrupts();
    const bool control = control_.allocated() && queue(control_receive).enable_interrupts();
    return input || control;
}

void Console::notify_readable(void (*callback)(void* context), void* context) {
    notify_context_ = context;
    notify_.store(callback, std::memory_order_release);
}

}  // namespace tenon::virtio

static tenon::Result<> virtio_console(tenon::virtio::Transport& transport) {
    return tenon::virtio::Console::probe(transport);
}
TENON_VIRTIO_DRIVER(VIRTIO_ID_CONSOLE, virtio_console);
