// SPDX-License-Identifier: Apache-2.0
// The kernel's command line, from a text file that people edit.
#include "images/loader/command_line.h"

#include <algorithm>

namespace tenon::loader {

namespace {

/// Calls visit(part) for each part of the text between two separators, until it returns false.
template <typename Visit>
void for_each_part(std::string_view text, bool (*is_separator)(char), Visit&& visit) {
    for (;;) {
        const auto* const end = std::find_if(text.begin(), text.end(), is_separator);
        if (!visit(std::string_view(text.begin(), end)) || end == text.end()) return;
        text = {end + 1, text.end()};
    }
}

bool is_line_end(char c) { return c == '\r' || c == '\n'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_blanks_at_ends(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

Result<std::size_t> read_command_line(std::string_view file, std::span<char> target) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors begin UTF-8 with it
    if (file.starts_with(byte_order_mark)) file.remove_prefix(byte_order_mark.size());
    for (std::size_t i = 0; i < file.size(); ++i)
        if (const auto byte = static_cast<unsigned char>(file[i]);
            byte < ' ' && !is_blank(file[i]) && !is_line_end(file[i]))
            return fail("byte % of cmdline.txt is %: save it as plain text (ASCII or UTF-8)", {i, byte});
    std::size_t size = 0;
    bool fits = true;
    for_each_part(file, is_line_end, [&](std::string_view line) {
        line = without_blanks_at_ends(line);
        if (line.empty() || line.front() == '#') return true;
        const std::size_t separator = size == 0 ? 0 : 1;
        fits = line.size() + separator <= target.size() - size;
        if (!fits) return false;
        if (separator != 0) target[size++] = ' ';
        for (const char c : line) target[size++] = c == '\t' ? ' ' : c;
        return true;
    });
    if (!fits) return fail("the command line in cmdline.txt is longer than % bytes", {target.size()});
    return size;
}

bool has_option(std::string_view command_line, std::string_view word) {
    bool found = false;
    for_each_part(command_line, is_blank, [&](std::string_view part) {
        found = found || part == word;
        return !found && part != "--";
    });
    return found;
}

}  // namespace tenon::loader
