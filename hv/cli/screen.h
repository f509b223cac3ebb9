// SPDX-License-Identifier: Apache-2.0
// A terminal that a command draws on until somebody leaves it.
#pragma once

#include <termios.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Takes the terminal's other screen, and keys one by one without showing them. When this object goes, the terminal is
/// as it was before, also after a signal that asks to end (SIGINT, SIGTERM, SIGHUP): wait() reports it.
class Screen {
public:
    using Clock = std::chrono::steady_clock;

    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// False: standard input is no terminal, and only a signal leaves.
    [[nodiscard]] bool has_keys() const { return has_keys_; }
    /// Shows `text`, whose lines end with line feeds, in place of what was shown. Lines that do not fit are cut off or
    /// left out. False: standard output is gone.
    Result<> draw(std::string_view text) const;
    /// Lines that fit.
    [[nodiscard]] std::size_t rows() const;

    enum class Event { time, key, ended };
    struct Input {
        Event event;
        char key = 0;
    };
    /// Waits for a key, for the end, or until `deadline`.
    Input wait(Clock::time_point deadline);

private:
    [[nodiscard]] Input read_key();

    termios before_{};
    bool has_keys_;
    sigset_t mask_before_{};
    FileDescriptor signals_;
};

}  // namespace hv
