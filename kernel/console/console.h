// SPDX-License-Identifier: Apache-2.0
// Kernel messages and the program's standard streams.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tenon {

/// Writes to the console driver; before there is one, to the platform's early console. May block.
void console_write(std::string_view text);
/// Blocks for at least one byte; 0 if there is no console to read from.
std::size_t console_read(std::span<char> buffer);

/// Sets whether log() shows anything: the kernel option `verbose`. Called once, by boot code.
void set_verbose(bool on);
/// A kernel message, with its time; shown only if set_verbose() said so. At most 255 characters.
[[gnu::format(printf, 1, 2)]] void log(const char* format, ...);
/// A message that is always shown.
[[gnu::format(printf, 1, 2)]] void warn(const char* format, ...);

/// Waits until the console has taken everything: before a shutdown.
void console_drain();

}  // namespace tenon
