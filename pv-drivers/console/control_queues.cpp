// SPDX-License-Identifier: Apache-2.0
// Control messages of a console.
#include "pv-drivers/console/control_queues.h"

#include <cstring>

#include "kernel/mm/heap.h"

namespace tenon::virtio {

ControlQueues::~ControlQueues() { dma_free(buffers_); }

Result<> ControlQueues::allocate() {
    buffers_ = static_cast<char*>(dma_allocate(queue_size * (receive_size + transmit_size), page_size));
    return buffers_ != nullptr ? Result<>{} : fail(Error::no_memory);
}

void ControlQueues::start(Virtqueue& receive, Virtqueue& transmit) {
    receive_ = &receive;
    transmit_ = &transmit;
    shown_ = nullptr;
    free_count_ = 0;
    for (std::size_t i = 0; i < queue_size; ++i) {
        post(buffers_ + i * receive_size);
        free_[free_count_++] = buffers_ + queue_size * receive_size + i * transmit_size;
    }
    (void)receive.enable_interrupts();
    transmit.disable_interrupts();
}

void ControlQueues::post(char* buffer) {
    const Piece whole{to_physical(buffer), receive_size};
    // The device's queue may be shorter than wished for: then some buffers stay unused.
    (void)receive_->add({}, std::span(&whole, 1), buffer);
}

void ControlQueues::send(std::uint32_t port, std::uint16_t event, std::uint16_t value) {
    for (;;) {
        const auto used = transmit_->take_used();
        if (!used || !*used) break;
        free_[free_count_++] = static_cast<char*>((*used)->cookie);
    }
    if (free_count_ == 0 || transmit_->free_descriptors() == 0) return;
    char* buffer = free_[--free_count_];
    const virtio_console_control message{.id = port, .event = event, .value = value};
    std::memcpy(buffer, &message, sizeof message);
    const Piece part{to_physical(buffer), transmit_size};
    (void)transmit_->add(std::span(&part, 1), {}, buffer);
}

std::optional<ControlQueues::Message> ControlQueues::next(bool& posted) {
    for (;;) {
        if (shown_ != nullptr) {
            post(shown_);
            shown_ = nullptr;
            posted = true;
        }
        const auto used = receive_->take_used();
        if (!used || !*used) return std::nullopt;
        shown_ = static_cast<char*>((*used)->cookie);
        Message message{};
        if ((*used)->written < sizeof message.header) continue;
        std::memcpy(&message.header, shown_, sizeof message.header);
        message.name = {shown_ + sizeof message.header, (*used)->written - sizeof message.header};
        if (!message.name.empty() && message.name.back() == '\0') message.name.remove_suffix(1);
        return message;
    }
}

}  // namespace tenon::virtio
