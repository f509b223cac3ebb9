// SPDX-License-Identifier: Apache-2.0
// Ports of console devices: the names that the image wants, and the driver that has them.
#include "kernel/device/console_port.h"

#include <atomic>

extern "C" {
extern const tenon::ConsolePortName __tenon_console_ports_begin[];
extern const tenon::ConsolePortName __tenon_console_ports_end[];
}

namespace tenon {

namespace {
constinit std::atomic<ConsolePorts*> provider = nullptr;
}

void register_console_ports(ConsolePorts& ports) {
    ConsolePorts* expected = nullptr;
    provider.compare_exchange_strong(expected, &ports);
}

std::span<const ConsolePortName> console_port_names() {
    return {__tenon_console_ports_begin, __tenon_console_ports_end};
}

ConsolePort* open_console_port(std::string_view name) {
    ConsolePorts* ports = provider.load(std::memory_order_acquire);
    if (ports == nullptr) return nullptr;
    const auto names = console_port_names();
    for (std::size_t index = 0; index < names.size(); ++index)
        if (name == names[index].name) return ports->open(index);
    return nullptr;
}

}  // namespace tenon
