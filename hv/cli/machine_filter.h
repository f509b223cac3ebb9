// SPDX-License-Identifier: Apache-2.0
// Which machines a command is about: --filter state=running --filter 'name=web*'.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/supervise/machine_list.h"

namespace hv {

/// Values of one key are alternatives; a machine meets one of each key that is given.
class MachineFilter {
public:
    /// `texts` as "KEY=VALUE". Errors: usage (no such key, no such state, no value).
    static Result<MachineFilter> parse(std::span<const std::string> texts);

    [[nodiscard]] bool matches(const MachineView& view) const;
    /// Whether it asks for ended machines by their state.
    [[nodiscard]] bool wants_ended() const;

    /// For help: the keys and what their values are.
    static constexpr char help[] =
        "Filters: --filter KEY=VALUE, several times for several. Values of one key are\n"
        "alternatives; a machine has to meet each key.\n"
        "  state=STATE   starting, running, paused, crashed, restarting, ended,\n"
        "                unresponsive\n"
        "  name=NAME     the machine's name; * stands for any text\n"
        "  image=IMAGE   the image's path, or its file's name; * stands for any text\n"
        "  accel=ACCEL   pv or kvm";

private:
    struct Condition {
        std::string key, value;
    };
    std::vector<Condition> conditions_;
};

}  // namespace hv
