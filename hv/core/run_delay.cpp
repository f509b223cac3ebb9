// SPDX-License-Identifier: Apache-2.0
// Reading the scheduler's figures of a thread.
#include "hv/core/run_delay.h"

#include <array>

#include "hv/core/text.h"
#include "hv/core/text_file.h"

namespace hv {

std::optional<RunTimes> parse_run_times(std::string_view text) {
    const auto words = split(trimmed(text), ' ');
    if (words.size() != 3 || !parse_number(words[2])) return std::nullopt;
    const auto cpu = parse_number(words[0]), delay = parse_number(words[1]);
    if (!cpu || !delay) return std::nullopt;
    return RunTimes{.cpu_ns = *cpu, .delay_ns = *delay};
}

std::optional<RunTimes> read_run_times(const FileDescriptor& file) {
    std::array<char, 128> text;
    return parse_run_times(read_start(file, text));
}

}  // namespace hv
