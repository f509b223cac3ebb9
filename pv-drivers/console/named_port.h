// SPDX-License-Identifier: Apache-2.0
// A port of the virtio console that is found by its name.
#pragma once

#include "pv-drivers/console/console.h"

namespace tenon::virtio {

/// What it knows is guarded by the console's mutex.
class NamedPort final : public ConsolePort {
public:
    NamedPort(Console& console, std::string_view name) : console_(console), name_(name) {}

    Received receive(std::span<char> buffer, Nanoseconds deadline) override;
    bool send(std::string_view text, Nanoseconds deadline) override;

private:
    friend class Console;
    /// The device was reset: it will name its ports anew.
    void lost();
    void host_changed(bool open);
    [[nodiscard]] std::size_t take(std::span<char> buffer);
    /// True: something came that no interrupt tells of.
    [[nodiscard]] bool listen();
    [[nodiscard]] std::uint32_t receive_queue() const { return 2 * id_ + 2; }
    [[nodiscard]] std::uint32_t transmit_queue() const { return 2 * id_ + 3; }

    Console& console_;
    std::string_view name_;
    PortQueues queues_;
    std::uint32_t id_ = 0;  // 0: not found yet
    bool host_open_ = false;
    std::uint32_t host_changes_ = 0;
    std::uint32_t told_changes_ = 0;
};

}  // namespace tenon::virtio
