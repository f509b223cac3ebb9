// SPDX-License-Identifier: Apache-2.0
// Kernel messages and the program's standard streams.
#include "kernel/console/console.h"

#include <atomic>
#include <cstdarg>

#include "kernel/base/format.h"
#include "kernel/console/console_device.h"
#include "kernel/platform/platform.h"
#include "kernel/time/clock.h"

namespace tenon {

namespace {

constinit std::atomic<ConsoleDevice*> device = nullptr;
constinit bool verbose = false;  // set while one thread runs

constexpr std::size_t message_limit = 256;

/// Writes a message with one call, so that messages of several threads do not mix.
void write_message(std::size_t prefix_size, char* line, std::size_t line_size, const char* format, va_list list) {
    std::size_t size = prefix_size + format_text_list(line + prefix_size, message_limit, format, list);
    if (size < line_size) line[size++] = '\n';
    console_write({line, size});
}

}  // namespace

void register_console_device(ConsoleDevice& new_device) {
    ConsoleDevice* expected = nullptr;
    device.compare_exchange_strong(expected, &new_device);
}

ConsoleDevice* console_device() { return device.load(std::memory_order_acquire); }

void console_write(std::string_view text) {
    if (text.empty()) return;
    if (ConsoleDevice* console = console_device(); console != nullptr)
        console->write(text);
    else
        platform().early_console_write(text);
}

std::size_t console_read(std::span<char> buffer) {
    ConsoleDevice* console = console_device();
    return console == nullptr || buffer.empty() ? 0 : console->read(buffer);
}

void console_drain() {
    if (ConsoleDevice* console = console_device(); console != nullptr) console->drain();
}

void set_verbose(bool on) { verbose = on; }

void log(const char* format, ...) {
    if (!verbose) return;
    char line[message_limit + 24];
    const Nanoseconds now = monotonic_now();
    const std::size_t prefix =
        format_text(line, sizeof(line), "[%5llu.%06llu] ", static_cast<unsigned long long>(now / 1'000'000'000),
                    static_cast<unsigned long long>(now / 1000 % 1'000'000));
    va_list list;
    va_start(list, format);
    write_message(prefix, line, sizeof(line), format, list);
    va_end(list);
}

void warn(const char* format, ...) {
    char line[message_limit + 24];
    const std::size_t prefix = format_text(line, sizeof(line), "tenon: ");
    va_list list;
    va_start(list, format);
    write_message(prefix, line, sizeof(line), format, list);
    va_end(list);
}

}  // namespace tenon
