// SPDX-License-Identifier: Apache-2.0
// Reading the scheduler's figures of a thread.
#include "hv/core/run_delay.h"

#include <unistd.h>

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
    if (!file) return std::nullopt;
    std::array<char, 128> text;
    const ssize_t size = pread(file.get(), text.data(), text.size(), 0);
    if (size <= 0) return std::nullopt;
    return parse_run_delay({text.data(), static_cast<std::size_t>(size)});
}

}  // namespace hv
