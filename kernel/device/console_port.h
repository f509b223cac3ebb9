// SPDX-License-Identifier: Apache-2.0
// A named byte stream to the host: a port of a console device, besides the console itself.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "kernel/base/image_note.h"
#include "kernel/time/clock.h"

namespace tenon {

/// One thread at a time uses it; the feature that opened the port ensures that.
class ConsolePort {
public:
    struct Received {
        std::size_t size;  ///< bytes in the buffer; 0: the deadline has passed, or the host's end was opened or closed
        bool reconnected;  ///< the host's end was opened or closed: earlier input is void
    };
    /// Waits until there is input, the host's end is opened or closed, or `deadline`. `buffer` is not empty.
    virtual Received receive(std::span<char> buffer, Nanoseconds deadline = no_deadline) = 0;
    /// Hands all of `text` to the device, waiting for room until `deadline`. False: not all of it was sent.
    virtual bool send(std::string_view text, Nanoseconds deadline) = 0;

protected:
    ~ConsolePort() = default;
};

/// Implemented by drivers of devices that have ports.
class ConsolePorts {
public:
    /// The port that the image's record `index` names, whichever device has it; null: no memory for it, or too many
    /// names.
    virtual ConsolePort* open(std::size_t index) = 0;

protected:
    ~ConsolePorts() = default;
};
/// Called by drivers; the first one serves all devices of its driver.
void register_console_ports(ConsolePorts& ports);

/// Names of ports that the image wants. They are known before the device is brought up, because asking for ports later
/// would need a reset, which loses data in flight.
struct alignas(8) ConsolePortName {
    const char* name;
};
[[nodiscard]] std::span<const ConsolePortName> console_port_names();

/// A port that was named with TENON_CONSOLE_PORT. It works as soon as the host offers it. Null: the machine has no
/// device with ports, or no memory for the port.
[[nodiscard]] ConsolePort* open_console_port(std::string_view name);

}  // namespace tenon

/// An entry in the linker section of console_port_names(), and a note (abi::port_note_type) that tells hypervisors
/// of it. Use at namespace scope in a .cpp file of the feature; `port_name` is a string literal.
#define TENON_CONSOLE_PORT(identifier, port_name)              \
    TENON_IMAGE_NOTE(3, ".asciz " TENON_NOTE_TEXT(port_name)); \
    [[gnu::section(".tenon.console_ports"), gnu::used,         \
      gnu::retain]] static const ::tenon::ConsolePortName identifier = {port_name}
