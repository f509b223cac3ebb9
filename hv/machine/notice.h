// SPDX-License-Identifier: Apache-2.0
// What a machine's hv tells the supervisor that started it, over a pipe.
#pragma once

#include <unistd.h>

#include <climits>
#include <cstdint>
#include <string_view>

#include "hv/accel/accelerator.h"

namespace hv {

/// One write each, which a pipe does not divide.
struct Notice {
    enum class Kind : std::uint32_t { started, ready, paused, resumed, shutdown_asked, reboot_asked, crashed, ended };
    Kind kind;
    GuestEnd::Kind end;       ///< crashed, ended
    std::int32_t exit_code;   ///< ended: hv's
    char text[244];           ///< started: the accelerator; crashed, ended: the reason. Terminated by a zero
};
static_assert(sizeof(Notice) <= PIPE_BUF);

/// `pipe` < 0: there is no supervisor.
inline void send_notice(int pipe, Notice::Kind kind, std::string_view text = {}, GuestEnd::Kind end = {},
                        int exit_code = 0) {
    if (pipe < 0) return;
    Notice notice{.kind = kind, .end = end, .exit_code = exit_code, .text = {}};
    text.copy(notice.text, sizeof notice.text - 1);
    // A supervisor that is gone takes this process with it.
    [[maybe_unused]] const ssize_t written = write(pipe, &notice, sizeof notice);
}

}  // namespace hv
