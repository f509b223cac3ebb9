// SPDX-License-Identifier: Apache-2.0
// Notices of a machine's hv to its supervisor, over a pipe, or to the log of events.
#pragma once

#include <climits>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "hv/core/printable.h"
#include "hv/guest/guest_end.h"

namespace hv {

/// Over a pipe one write each, which it does not divide.
struct Notice {
    enum class Kind : std::uint32_t { started, ready, paused, resumed, shutdown_asked, reboot_asked, crashed, ended };
    Kind kind;
    GuestEnd::Kind end;      ///< crashed, ended
    std::int32_t exit_code;  ///< ended: hv's
    char text[244];          ///< started: the accelerator; crashed, ended: the reason. Terminated by a zero
};
static_assert(sizeof(Notice) <= PIPE_BUF);

[[nodiscard]] inline Notice make_notice(Notice::Kind kind, std::string_view text = {}, GuestEnd::Kind end = {},
                                        int exit_code = 0) {
    Notice notice{.kind = kind, .end = end, .exit_code = exit_code, .text = {}};
    cut_text(text, sizeof notice.text - 1).copy(notice.text, sizeof notice.text - 1);
    return notice;
}

/// Receives notices on hv's loop, confined as that is. Empty: notices are dropped.
using NoticeListener = std::function<void(const std::string& machine, const Notice& notice)>;

}  // namespace hv
