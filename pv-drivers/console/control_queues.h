// SPDX-License-Identifier: Apache-2.0
// The control queues of a console with MULTIPORT (virtio 1.2, section 5.3.6.2).
#pragma once

#include <optional>
#include <string_view>

#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::virtio {

/// The owner locks, publishes what was added to the queues, and notifies the device.
class ControlQueues {
public:
    static constexpr std::size_t queue_size = 16;

    ControlQueues() = default;
    ~ControlQueues();
    ControlQueues(const ControlQueues&) = delete;
    ControlQueues& operator=(const ControlQueues&) = delete;

    /// Error: no_memory.
    [[nodiscard]] Result<> allocate();
    [[nodiscard]] bool allocated() const { return buffers_ != nullptr; }
    /// Starts with new queues. Messages in flight are lost.
    void start(Virtqueue& receive, Virtqueue& transmit);

    /// Sends a message, one of VIRTIO_CONSOLE_*, about a port. Drops it if the device has not taken the last sixteen
    /// yet.
    void send(std::uint32_t port, std::uint16_t event, std::uint16_t value);

    struct Message {
        virtio_console_control header;
        std::string_view name;  ///< of PORT_NAME, without the zero that some devices end it with
    };
    /// The device's next message, valid until the next call. Sets `posted` if a buffer went back to the queue. Skips
    /// buffers that are too short for a message. The device cuts names that do not fit the buffer.
    [[nodiscard]] std::optional<Message> next(bool& posted);

private:
    /// A message and a name of at most 119 characters.
    static constexpr std::size_t receive_size = 128, transmit_size = sizeof(virtio_console_control);
    void post(char* buffer);

    Virtqueue* receive_ = nullptr;
    Virtqueue* transmit_ = nullptr;
    char* buffers_ = nullptr;  // receive buffers, then transmit buffers
    char* free_[queue_size] = {};
    std::size_t free_count_ = 0;
    char* shown_ = nullptr;  // the buffer of the last Message
};

}  // namespace tenon::virtio
