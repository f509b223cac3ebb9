// SPDX-License-Identifier: Apache-2.0
// Reading and writing a named port.
#include "pv-drivers/console/named_port.h"

#include <mutex>

#include "kernel/sched/thread.h"

namespace tenon::virtio {

void NamedPort::lost() {
    if (host_open_) host_changed(false);
    id_ = 0;
    queues_.stop();
}

void NamedPort::host_changed(bool open) {
    host_open_ = open;
    ++host_changes_;
    queues_.drop_input();
}

std::size_t NamedPort::take(std::span<char> buffer) {
    if (!queues_.started()) return 0;
    bool posted = false;
    const std::size_t size = queues_.take(buffer, posted);
    if (posted) console_.publish_and_notify(receive_queue());
    return size;
}

bool NamedPort::listen() {
    const bool control = console_.queue(Console::control_receive).enable_interrupts();
    return control || (queues_.started() && queues_.receive().enable_interrupts());
}

ConsolePort::Received NamedPort::receive(std::span<char> buffer, Nanoseconds deadline) {
    for (;;) {
        std::unique_lock lock(console_.mutex_);
        if (!console_.recover()) {
            // Beyond repair: nothing will ever come.
            lock.unlock();
            Thread::sleep_until(deadline);
            return {0, false};
        }
        const std::uint32_t seen = console_.changes_.load();
        console_.serve_control();
        if (told_changes_ != host_changes_) {
            told_changes_ = host_changes_;
            return {0, true};
        }
        if (const std::size_t size = take(buffer); size != 0) return {size, false};
        // Broken: the next round restarts the device.
        if (!console_.running() || listen()) continue;
        lock.unlock();
        if (console_.wait_for_change(seen, deadline) == WaitResult::timed_out) return {0, false};
    }
}

bool NamedPort::send(std::string_view text, Nanoseconds deadline) {
    while (!text.empty()) {
        std::unique_lock lock(console_.mutex_);
        const std::uint32_t seen = console_.changes_.load();
        if (!console_.running()) return false;
        console_.serve_control();
        if (!queues_.started() || !host_open_) return false;
        queues_.reclaim();
        if (queues_.transmit().broken()) return false;
        queues_.transmit().disable_interrupts();
        if (queues_.put(text)) {
            console_.publish_and_notify(transmit_queue());
            continue;
        }
        if (queues_.transmit().enable_interrupts()) continue;
        lock.unlock();
        if (console_.wait_for_change(seen, deadline) == WaitResult::timed_out) return false;
    }
    return true;
}

}  // namespace tenon::virtio
