// SPDX-License-Identifier: Apache-2.0
// The --disk option.
#include <fmt/format.h>

#include "hv/cli/limit_option.h"
#include "hv/cli/values.h"
#include "hv/core/text.h"
#include "hv/machine/drives_config.h"
#include "hv/machine/rate_limits_config.h"

namespace hv {

Result<DriveConfig> parse_disk(std::string_view text) {
    const auto wrong = [text](const std::string& why) {
        return fail(ErrorKind::usage,
                    fmt::format("disk '{}': {} (FILE[,ro][,discard=on|off][,bps=RATE][,iops=RATE])", text, why));
    };
    const std::vector<std::string_view> words = split(text, ',');
    DriveConfig drive;
    drive.path = words[0];
    if (drive.path.empty()) return wrong("no file is named");
    if (const std::string_view key = repeated_key(words); !key.empty())
        return wrong(fmt::format("'{}' is given more than once", key));
    Json limits = Json::object();
    for (const std::string_view word : std::span(words).subspan(1)) {
        TRY(const bool is_limit, take_limit(word, add_disk_limit, limits));
        if (is_limit) continue;
        if (word == "ro")
            drive.read_only = true;
        else if (word == "discard=on" || word == "discard=off")
            drive.discard = word == "discard=on";
        else
            return wrong(fmt::format("'{}' is not an option of a disk", word));
    }
    const JsonSection::Origin origin{"disk", "hv"};
    TRY(JsonSection section, JsonSection::open(limits, "", origin));
    CHECK(read_rate_limits(section, drive_limiter_key, origin, drive.limits));
    return drive;
}

}  // namespace hv
