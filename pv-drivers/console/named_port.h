// SPDX-License-Identifier: Apache-2.0
// A port of a virtio console that is found by its name.
#pragma once

#include "pv-drivers/console/console.h"

namespace tenon::virtio {

/// The consoles' mutex guards all members.
class NamedPort final : public ConsolePort {
public:
    explicit NamedPort(std::string_view name) : name_(name) {}

    Received receive(std::span<char> buffer, Nanoseconds deadline) override;
    bool send(std::string_view text, Nanoseconds deadline) override;

private:
    friend class Console;
    /// `device` has named it as its port `id`.
    void found(Console& device, std::uint32_t id);
    /// The device was reset, and will name its ports again.
    void lost();
    void host_changed(bool open);
    [[nodiscard]] bool there() const { return device_ != nullptr && !removed_; }
    [[nodiscard]] std::size_t take(std::span<char> buffer);
    /// Arms interrupts. True: there is input or a message already.
    [[nodiscard]] bool listen();
    [[nodiscard]] std::uint32_t receive_queue() const { return 2 * id_ + 2; }
    [[nodiscard]] std::uint32_t transmit_queue() const { return 2 * id_ + 3; }

    std::string_view name_;
    PortQueues queues_;
    Console* device_ = nullptr;  // null: no device has named it
    std::uint32_t id_ = 0;
    bool host_open_ = false;
    bool removed_ = false;  // by the device, which may give its number to another port
    std::uint32_t host_changes_ = 0;
    std::uint32_t told_changes_ = 0;
};

}  // namespace tenon::virtio
