// SPDX-License-Identifier: Apache-2.0
// The kernel command line.
#include "kernel/options/command_line.h"

#include <cstddef>

#include "hypercall/command_line.h"
#include "kernel/console/console.h"

extern "C" {
/// argv[0], if the image builder has defined it.
[[gnu::weak]] extern const char tenon_image_name[];
}

namespace tenon {

namespace {

constexpr std::size_t text_limit = 4096;
using abi::argument_limit;
using abi::kernel_word_limit;

/// The words, unquoted and each terminated by a zero. Unquoting makes a word shorter, never longer.
constinit char words[text_limit + 1] = {};
constinit std::string_view kernel_word[kernel_word_limit] = {};
constinit std::size_t kernel_word_count = 0;
constinit char* arguments[argument_limit + 1] = {};  // one more: main() expects a null at the end
constinit std::size_t argument_count = 0;
char default_name[] = "program";

bool is_space(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }

/// Copies the next word of `text` to `out`, without its double quotes and with a zero at its end. Inside quotes a
/// backslash escapes a quote or a backslash; hv/machine/command_line.cpp quotes in the same way. Returns the end of the
/// copy, or null if there is no word.
char* take_word(std::string_view& text, char* out) {
    std::size_t i = 0;
    while (i != text.size() && is_space(text[i])) ++i;
    if (i == text.size()) return nullptr;
    bool quoted = false;
    for (; i != text.size(); ++i) {
        char character = text[i];
        if (!quoted && is_space(character)) break;
        if (character == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && character == '\\' && i + 1 != text.size() && (text[i + 1] == '"' || text[i + 1] == '\\'))
            character = text[++i];
        *out++ = character;
    }
    // The zero takes the room of the separator after the word; after the last word the array has one byte more.
    if (i != text.size()) ++i;
    text.remove_prefix(i);
    *out++ = '\0';
    return out;
}

}  // namespace

namespace detail {
std::span<const std::string_view> kernel_words() { return {kernel_word, kernel_word_count}; }
}  // namespace detail

[[gnu::cold]] void parse_command_line(std::string_view text) {
    kernel_word_count = 0;
    arguments[0] = &tenon_image_name != nullptr ? const_cast<char*>(tenon_image_name) : default_name;
    argument_count = 1;
    bool dropped = text.size() > text_limit;
    text = text.substr(0, text_limit);
    bool program = false;
    char* out = words;
    while (char* end = take_word(text, out)) {
        const std::string_view word(out, static_cast<std::size_t>(end - out) - 1);
        if (!program && word == "--")
            program = true;
        else if (program && argument_count < argument_limit)
            arguments[argument_count++] = out;
        else if (!program && kernel_word_count < kernel_word_limit)
            kernel_word[kernel_word_count++] = word;
        else
            dropped = true;
        out = end;
    }
    arguments[argument_count] = nullptr;
    if (dropped) warn("the command line is too long: its end is ignored");
}

std::optional<std::string_view> kernel_option(std::string_view name) {
    std::optional<std::string_view> result;
    for_each_kernel_option(name, [&](std::string_view value) { result = value; });
    return result;
}

std::span<char*> program_arguments() { return {arguments, argument_count}; }

}  // namespace tenon
