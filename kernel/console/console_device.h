// SPDX-License-Identifier: Apache-2.0
// A console, as the kernel sees it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tenon {

class ConsoleDevice {
public:
    virtual ~ConsoleDevice() = default;
    /// Takes all of `text`; may block until there is room.
    virtual void write(std::string_view text) = 0;
    /// Waits until the device has taken all that was written.
    virtual void drain() = 0;
    /// Blocks for at least one byte; returns how many.
    virtual std::size_t read(std::span<char> buffer) = 0;
    /// Input is there. If not, the callback of notify_readable() is called at the next input.
    [[nodiscard]] virtual bool readable() = 0;
    /// From now on `notify(context)` runs when input may have arrived: in interrupt context, must not block.
    virtual void notify_readable(void (*notify)(void* context), void* context) = 0;
};

/// Called by drivers; the first one becomes the console.
void register_console_device(ConsoleDevice& device);
/// Null until a driver has registered one; meanwhile the platform's early console serves.
[[nodiscard]] ConsoleDevice* console_device();

}  // namespace tenon
