// SPDX-License-Identifier: Apache-2.0
// A filter on well-formed UTF-8.
#include "hv/core/printable.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace hv {

namespace {

struct Range {
    char32_t first, last;
};

/// Unicode 15, categories Cc, Cf, Zl and Zp, without the visible signs of some scripts that are Cf too.
constexpr Range unseen[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x61C, 0x61C},   {0x180E, 0x180E},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},
};

bool is_seen(char32_t character) {
    return std::ranges::none_of(
        unseen, [character](const Range& range) { return character >= range.first && character <= range.last; });
}

struct Character {
    std::size_t size;  ///< bytes; 0: the first byte is not the beginning of a character
    char32_t value;
};

/// The character at the beginning of `text`, which is not empty.
Character first_character(std::string_view text) {
    struct Form {
        std::uint8_t mask, mark;
        std::size_t size;
        char32_t least;  ///< a smaller one has a shorter form
    };
    constexpr Form forms[] = {
        {0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};
    const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto form = std::ranges::find_if(
        forms, [first = byte(0)](const Form& known) { return (first & known.mask) == known.mark; });
    if (form == std::end(forms) || text.size() < form->size) return {0, 0};
    char32_t value = byte(0) & static_cast<std::uint8_t>(~form->mask);
    for (std::size_t i = 1; i < form->size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {0, 0};
        value = value << 6 | (byte(i) & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < form->least || value > 0x10FFFF || surrogate) return {0, 0};
    return {form->size, value};
}

std::string filter(std::string_view text, std::string_view kept) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::size_t size = std::max<std::size_t>(character.size, 1);
        const bool stays = character.size != 0 && (is_seen(character.value) || kept.contains(text.front()));
        result += stays ? text.substr(0, size) : "?";
        text.remove_prefix(size);
    }
    return result;
}

}  // namespace

std::string printable(std::string_view text) { return filter(text, {}); }

std::string printable(std::string_view text, std::size_t most) { return printable(cut_text(text, most)); }

std::string printable_lines(std::string_view text) { return filter(text, "\n\t"); }

std::string_view cut_text(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    // A byte of the form 10xxxxxx continues a character.
    std::size_t end = most;
    while (end > 0 && most - end < 3 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace hv
