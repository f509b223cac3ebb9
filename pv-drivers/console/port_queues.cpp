// SPDX-License-Identifier: Apache-2.0
// Buffers of a console port.
#include "pv-drivers/console/port_queues.h"

#include <algorithm>
#include <cstring>

#include "kernel/mm/heap.h"

namespace tenon::virtio {

PortQueues::~PortQueues() { dma_free(buffers_); }

Result<> PortQueues::allocate() {
    constexpr std::size_t size = transmit_count * transmit_size + receive_count * receive_size;
    buffers_ = static_cast<char*>(dma_allocate(size, page_size));
    return buffers_ != nullptr ? Result<>{} : fail(Error::no_memory);
}

void PortQueues::start(Virtqueue& receive, Virtqueue& transmit) {
    receive_ = &receive;
    transmit_ = &transmit;
    free_count_ = 0;
    for (std::size_t i = transmit_count; i-- > 0;) free_[free_count_++] = buffers_ + i * transmit_size;
    for (std::size_t i = 0; i < receive_count; ++i) {
        char* buffer = buffers_ + transmit_count * transmit_size + i * receive_size;
        if (buffer != input_) post(buffer);
    }
    (void)receive.enable_interrupts();
    transmit.disable_interrupts();
}

void PortQueues::post(char* buffer) {
    const Piece whole{to_physical(buffer), receive_size};
    (void)receive_->add({}, std::span(&whole, 1), buffer);  // there is a descriptor for each
}

void PortQueues::reclaim() {
    for (;;) {
        const auto used = transmit_->take_used();
        if (!used || !*used) return;
        free_[free_count_++] = static_cast<char*>((*used)->cookie);
    }
}

bool PortQueues::put(std::string_view& text) {
    if (free_count_ == 0 || transmit_->free_descriptors() == 0) return false;
    char* buffer = free_[--free_count_];
    const std::size_t size = std::min(text.size(), transmit_size);
    std::memcpy(buffer, text.data(), size);
    text.remove_prefix(size);
    const Piece part{to_physical(buffer), static_cast<std::uint32_t>(size)};
    (void)transmit_->add(std::span(&part, 1), {}, buffer);  // there is a descriptor for it
    return true;
}

bool PortQueues::next_input(bool& posted) {
    while (input_begin_ == input_end_) {
        if (input_ != nullptr) {
            post(input_);
            input_ = nullptr;
            posted = true;
        }
        const auto used = receive_->take_used();
        if (!used || !*used) return false;
        input_ = static_cast<char*>((*used)->cookie);
        input_begin_ = 0;
        input_end_ = (*used)->written;
    }
    return true;
}

std::size_t PortQueues::take(std::span<char> to, bool& posted) {
    if (!next_input(posted)) return 0;
    const std::size_t size = std::min(to.size(), input_end_ - input_begin_);
    std::memcpy(to.data(), input_ + input_begin_, size);
    input_begin_ += size;
    return size;
}

}  // namespace tenon::virtio
