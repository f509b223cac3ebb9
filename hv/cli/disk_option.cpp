// SPDX-License-Identifier: Apache-2.0
// The --disk option.
#include <fmt/format.h>

#include "hv/cli/values.h"
#include "hv/core/text.h"

namespace hv {

Result<DriveConfig> parse_disk(std::string_view text) {
    const auto wrong = [text](const std::string& why) {
        return fail(ErrorKind::usage, fmt::format("disk '{}': {} (FILE[,ro][,discard=on|off])", text, why));
    };
    const std::vector<std::string_view> words = split(text, ',');
    DriveConfig drive;
    drive.path = words[0];
    if (drive.path.empty()) return wrong("no file is named");
    for (const std::string_view word : std::span(words).subspan(1)) {
        if (word == "ro")
            drive.read_only = true;
        else if (word == "discard=on" || word == "discard=off")
            drive.discard = word == "discard=on";
        else
            return wrong(fmt::format("'{}' is not an option of a disk", word));
    }
    return drive;
}

}  // namespace hv
