// SPDX-License-Identifier: Apache-2.0
// The control queues of a console with MULTIPORT (virtio 1.2, section 5.3.6.2).
#pragma once

#include <optional>
#include <string_view>

#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::virtio {

/// One thread or lock at a time. The owner publishes, and notifies the device.
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
    /// The queues are fresh; whatever was out is lost.
    void start(Virtqueue& receive, Virtqueue& transmit);

    /// One of VIRTIO_CONSOLE_* about a port. A device that has not taken the last sixteen gets no more.
    void send(std::uint32_t port, std::uint16_t event, std::uint16_t value);

    struct Message {
        virtio_console_control header;
        std::string_view name;  ///< of PORT_NAME, without the zero that some devices end it with
    };
    /// The device's next message, valid until the next call; `posted` is set when a buffer went back to the queue. What
    /// is too short to be one is passed over, and longer names than any that is wanted are cut.
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
    char* shown_ = nullptr;  // what the last Message lies in
};

}  // namespace tenon::virtio
