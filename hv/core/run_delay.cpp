// SPDX-License-Identifier: Apache-2.0
// Reading the scheduler's figures of a thread.
#include "hv/core/run_delay.h"

#include <array>

#include "hv/core/text.h"
#include "hv/core/text_file.h"

namespace hv {

std::optional<std::uint64_t> parse_run_delay(std::string_view text) {
    const auto words = split(trimmed(text), ' ');
    if (words.size() != 3 || !parse_number(words[0]) || !parse_number(words[2])) return std::nullopt;
    return parse_number(words[1]);
}

std::optional<std::uint64_t> read_run_delay(const FileDescriptor& file) {
    std::array<char, 128> text;
    return parse_run_delay(read_start(file, text));
}

}  // namespace hv
