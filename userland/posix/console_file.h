// SPDX-License-Identifier: Apache-2.0
// The console as a file: descriptors 0, 1 and 2, and /dev/console.
#pragma once

#include "userland/posix/file.h"

namespace tenon::posix {

/// Not buffered here: streams collect lines, and the driver collects doorbells.
class ConsoleFile final : public File {
public:
    constexpr ConsoleFile() : File(Kind::console, O_RDWR) {}
    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override;
    Outcome<> status(struct stat& status) override;
    Outcome<int> control(unsigned long request, void* argument) override;
    Outcome<> synchronise(bool data_only) override;
    [[nodiscard]] bool is_terminal() const override { return true; }
    short readiness() override;
    void destroy() override {}
};

namespace detail {
extern ConsoleFile the_console_file;
}
constexpr ConsoleFile& console_file() { return detail::the_console_file; }

}  // namespace tenon::posix
