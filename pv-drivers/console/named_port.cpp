// SPDX-License-Identifier: Apache-2.0
// Reading and writing a named port.
#include "pv-drivers/console/named_port.h"

#include <mutex>

#include "kernel/sched/thread.h"

namespace tenon::virtio {

void NamedPort::found(Console& device, std::uint32_t id) {
    device_ = &device;
    id_ = id;
    removed_ = false;
    queues_.start(device.queue(receive_queue()), device.queue(transmit_queue()));
    device.publish_and_notify(receive_queue());
}

void NamedPort::lost() {
    if (host_open_) host_changed(false);
    device_ = nullptr;
    queues_.stop();
}

void NamedPort::host_changed(bool open) {
    host_open_ = open;
    ++host_changes_;
    queues_.drop_input();
}

std::size_t NamedPort::take(std::span<char> buffer) {
    if (!there()) return 0;
    bool posted = false;
    const std::size_t size = queues_.take(buffer, posted);
    if (posted) device_->publish_and_notify(receive_queue());
    return size;
}

bool NamedPort::listen() {
    const bool news = Console::listen_to_devices();
    return news || (there() && queues_.receive().enable_interrupts());
}

ConsolePort::Received NamedPort::receive(std::span<char> buffer, Nanoseconds deadline) {
    for (;;) {
        std::unique_lock lock(Console::mutex_);
        const std::uint32_t seen = Console::changes_.load();
        if (!Console::serve_devices()) {
            // No device works: there will be no input.
            lock.unlock();
            Thread::sleep_until(deadline);
            return {0, false};
        }
        if (told_changes_ != host_changes_) {
            told_changes_ = host_changes_;
            return {0, true};
        }
        if (const std::size_t size = take(buffer); size != 0) return {size, false};
        if (listen()) continue;
        lock.unlock();
        if (Console::wait_for_change(seen, deadline) == WaitResult::timed_out) return {0, false};
    }
}

bool NamedPort::send(std::string_view text, Nanoseconds deadline) {
    while (!text.empty()) {
        std::unique_lock lock(Console::mutex_);
        const std::uint32_t seen = Console::changes_.load();
        if (device_ == nullptr || !device_->running()) return false;
        device_->serve_control();
        if (!host_open_) return false;
        queues_.reclaim();
        if (queues_.transmit().broken()) return false;
        queues_.transmit().disable_interrupts();
        if (queues_.put(text)) {
            device_->publish_and_notify(transmit_queue());
            continue;
        }
        if (queues_.transmit().enable_interrupts()) continue;
        lock.unlock();
        if (Console::wait_for_change(seen, deadline) == WaitResult::timed_out) return false;
    }
    return true;
}

}  // namespace tenon::virtio
