// SPDX-License-Identifier: Apache-2.0
// The virtio console's driver (virtio 1.2, section 5.3).
#include "pv-drivers/console/console.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/platform/platform.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon::virtio {
namespace {

Piece piece(const char* data, std::size_t size) { return {to_physical(data), static_cast<std::uint32_t>(size)}; }

}  // namespace

Result<> Console::probe(Transport& transport) {
    auto* console = new (std::nothrow) Console(transport);
    if (console == nullptr) return fail(Error::no_memory);
    if (Result<> ready = console->initialize(); !ready) {
        delete console;
        return ready;
    }
    register_console_device(*console);
    return {};
}

Console::~Console() { dma_free(buffers_); }

Result<> Console::initialize() {
    buffers_ =
        static_cast<char*>(dma_allocate(transmit_count * transmit_size + receive_count * receive_size, page_size));
    if (buffers_ == nullptr) return fail(Error::no_memory);
    // No feature of section 5.3.3 is needed: size and further ports are of no use to a program's standard streams.
    constexpr std::array<QueueWish, 2> queues{{{.size = receive_count}, {.size = transmit_count}}};
    prepare({.required = 0, .optional = 0}, queues);
    for (std::size_t i = transmit_count; i-- > 0;) free_[free_count_++] = buffers_ + i * transmit_size;
    return {};
}

void Console::wake() {
    changes_.fetch_add(1);
    waiting_.wake_all();
    if (auto* callback = notify_.load(std::memory_order_acquire); callback != nullptr) callback(notify_context_);
}

void Console::wait_for_change(std::uint32_t seen) {
    waiting_.wait_until([&] { return changes_.load() != seen; });
}

void Console::post_receive(char* buffer) {
    const Piece whole = piece(buffer, receive_size);
    (void)queue(receive).add({}, std::span(&whole, 1), buffer);
}

/// Brings the device up at its first use, and again when it broke.
bool Console::recover() {
    if (running()) return true;
    // What was on its way is lost, as with a cable that was pulled.
    const Result<> restarted = restart([this](std::uint32_t index, void* cookie) {
        if (index == transmit) free_[free_count_++] = static_cast<char*>(cookie);
    });
    if (!restarted) return false;
    for (std::size_t i = 0; i < receive_count; ++i) {
        char* buffer = buffers_ + transmit_count * transmit_size + i * receive_size;
        if (buffer != input_) post_receive(buffer);
    }
    (void)queue(receive).enable_interrupts();
    queue(transmit).disable_interrupts();
    publish_and_notify(receive);
    return true;
}

void Console::reclaim() {
    for (;;) {
        const auto used = queue(transmit).take_used();
        if (!used || !*used) return;
        free_[free_count_++] = static_cast<char*>((*used)->cookie);
    }
}

void Console::write(std::string_view text) {
    while (!text.empty()) {
        std::unique_lock lock(mutex_);
        if (!recover()) {
            // Beyond repair, or refused at its first use: slow, but not silent.
            lock.unlock();
            platform().early_console_write(text);
            return;
        }
        const std::uint32_t seen = changes_.load();
        reclaim();
        if (queue(transmit).broken()) continue;
        if (free_count_ == 0 || queue(transmit).free_descriptors() == 0) {
            if (queue(transmit).enable_interrupts()) continue;
            lock.unlock();
            wait_for_change(seen);
            continue;
        }
        queue(transmit).disable_interrupts();
        char* buffer = free_[--free_count_];
        const std::size_t size = std::min(text.size(), transmit_size);
        std::memcpy(buffer, text.data(), size);
        text.remove_prefix(size);
        const Piece part = piece(buffer, size);
        (void)queue(transmit).add(std::span(&part, 1), {}, buffer);  // there is a descriptor for it
        publish_and_notify(transmit);
    }
}

void Console::drain() {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!running()) return;  // nothing was written yet, or nothing can be any more
        const std::uint32_t seen = changes_.load();
        reclaim();
        if (!running() || queue(transmit).chains_out() == 0) return;
        if (queue(transmit).enable_interrupts()) continue;
        lock.unlock();
        wait_for_change(seen);
    }
}

bool Console::next_input() {
    while (input_begin_ == input_end_) {
        if (input_ != nullptr) {
            post_receive(input_);
            input_ = nullptr;
            publish_and_notify(receive);
        }
        const auto used = queue(receive).take_used();
        if (!used || !*used) return false;
        input_ = static_cast<char*>((*used)->cookie);
        input_begin_ = 0;
        input_end_ = (*used)->written;
    }
    return true;
}

std::size_t Console::read(std::span<char> buffer) {
    if (buffer.empty()) return 0;
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!recover()) return 0;
        const std::uint32_t seen = changes_.load();
        if (next_input()) {
            const std::size_t size = std::min(buffer.size(), input_end_ - input_begin_);
            std::memcpy(buffer.data(), input_ + input_begin_, size);
            input_begin_ += size;
            return size;
        }
        // Broken: the next round restarts the device, and ends when it stays off.
        if (queue(receive).broken() || queue(receive).enable_interrupts()) continue;
        lock.unlock();
        wait_for_change(seen);
    }
}

bool Console::readable() {
    const std::lock_guard lock(mutex_);
    return input_begin_ != input_end_ || (recover() && queue(receive).enable_interrupts());
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
