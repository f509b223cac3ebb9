// SPDX-License-Identifier: Apache-2.0
// Conditions on machines.
#include "hv/cli/machine_filter.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "hv/core/similar.h"

namespace hv {

namespace {

constexpr std::array<std::string_view, 4> keys = {"state", "name", "image", "accel"};
constexpr std::array<std::string_view, 7> states = {"starting",   "running", "paused",      "crashed",
                                                    "restarting", "ended",   "unresponsive"};

bool matches_pattern(const std::string& text, const std::string& pattern) {
    return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool meets(const MachineView& view, std::string_view key, const std::string& value) {
    if (key == "state") return view.state == value;
    if (key == "name") return matches_pattern(view.name, value);
    if (key == "accel") return view.accelerator == value;
    return matches_pattern(view.image, value) || matches_pattern(view.image.substr(view.image.rfind('/') + 1), value);
}

}  // namespace

Result<MachineFilter> MachineFilter::parse(std::span<const std::string> texts) {
    MachineFilter filter;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        const std::string key = text.substr(0, equals);
        if (std::ranges::find(keys, key) == keys.end())
            return fail(ErrorKind::usage, fmt::format("--filter '{}': '{}' is not state, name, image or accel{}", text,
                                                      key, did_you_mean(key, keys)));
        if (equals == std::string::npos || equals + 1 == text.size())
            return fail(ErrorKind::usage, fmt::format("--filter '{}': a value is missing ({}=VALUE)", text, key));
        const std::string value = text.substr(equals + 1);
        if (key == "state" && std::ranges::find(states, value) == states.end())
            return fail(ErrorKind::usage, fmt::format("--filter '{}': '{}' is not a state{} (hv ps --help lists them)",
                                                      text, value, did_you_mean(value, states)));
        if (key == "accel" && value != "pv" && value != "kvm")
            return fail(ErrorKind::usage, fmt::format("--filter '{}': '{}' is not pv or kvm", text, value));
        filter.conditions_.push_back({key, value});
    }
    return filter;
}

bool MachineFilter::matches(const MachineView& view) const {
    return std::ranges::all_of(keys, [&](std::string_view key) {
        bool given = false;
        for (const Condition& condition : conditions_) {
            if (condition.key != key) continue;
            given = true;
            if (meets(view, key, condition.value)) return true;
        }
        return !given;
    });
}

bool MachineFilter::wants_ended() const {
    return std::ranges::any_of(conditions_,
                               [](const Condition& one) { return one.key == "state" && one.value == "ended"; });
}

}  // namespace hv
