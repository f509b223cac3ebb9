// SPDX-License-Identifier: Apache-2.0
// The two queues of one console port, and the buffers that text is copied into (virtio 1.2, section 5.3.6).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::virtio {

/// The owner locks, publishes what was added to the queues, and notifies the device.
class PortQueues {
public:
    static constexpr std::size_t transmit_size = 2048, transmit_count = 8;
    static constexpr std::size_t receive_size = 256, receive_count = 4;

    PortQueues() = default;
    ~PortQueues();
    PortQueues(const PortQueues&) = delete;
    PortQueues& operator=(const PortQueues&) = delete;

    /// Error: no_memory.
    [[nodiscard]] Result<> allocate();
    /// Starts with new queues. Data in flight is lost; input that is being read stays.
    void start(Virtqueue& receive, Virtqueue& transmit);
    /// The device was reset.
    void stop() { receive_ = transmit_ = nullptr; }
    [[nodiscard]] bool started() const { return receive_ != nullptr; }
    [[nodiscard]] Virtqueue& receive() { return *receive_; }
    [[nodiscard]] Virtqueue& transmit() { return *transmit_; }

    /// Adds the beginning of `text` to the transmit queue, and removes it from `text`. False: there is no room.
    [[nodiscard]] bool put(std::string_view& text);
    /// Takes back the buffers that the device has read.
    void reclaim();

    /// Copies input to `to`, if there is some; returns how much. Sets `posted` if a buffer went back to the receive
    /// queue.
    [[nodiscard]] std::size_t take(std::span<char> to, bool& posted);
    [[nodiscard]] bool has_input() const { return input_begin_ != input_end_; }
    /// Drops the rest of the buffer that is being read. Input in the queue stays.
    void drop_input() { input_begin_ = input_end_; }

private:
    [[nodiscard]] bool next_input(bool& posted);
    void post(char* buffer);

    Virtqueue* receive_ = nullptr;
    Virtqueue* transmit_ = nullptr;
    char* buffers_ = nullptr;          // transmit buffers, then receive buffers
    char* free_[transmit_count] = {};  // last freed first
    std::size_t free_count_ = 0;
    char* input_ = nullptr;  // a receive buffer that is being read
    std::size_t input_begin_ = 0, input_end_ = 0;
};

}  // namespace tenon::virtio
