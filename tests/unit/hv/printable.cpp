// SPDX-License-Identifier: Apache-2.0
#include "hv/core/printable.h"

#include <catch2/catch.hpp>
#include <string>

using hv::cut_text;
using hv::printable;
using hv::printable_lines;

namespace {

struct Case {
    std::string_view text, shown;
};

}  // namespace

TEST_CASE("what a terminal shows as itself stays", "[printable]") {
    for (const std::string_view text :
         {"", "plain text ~!",
          "stra\xC3\x9F"
          "e",
          "\xE6\x97\xA5\xE6\x9C\xAC", "\xF0\x9F\x90\xA7", "\xC2\xA0", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBD"})
        CHECK(printable(text) == text);
}

TEST_CASE("controls, separators and unseen characters become question marks", "[printable]") {
    using namespace std::string_view_literals;
    for (const Case& c : {
             Case{"a\0b"sv, "a?b"}, Case{"\x1B[2J", "?[2J"}, Case{"a\r\nb\tc\x7F", "a??b?c?"},
             Case{"\xC2\x80", "?"},  // U+0080
             Case{"\xC2\x9B"
                  "31m",
                  "?31m"},  // U+009B, CSI of one character
             Case{"\xC2\x9D"
                  "0;title\xC2\x9C",
                  "?0;title?"},
             Case{"\xC2\xAD", "?"},                   // soft hyphen
             Case{"\xD8\x9C", "?"},                   // U+061C, Arabic letter mark
             Case{"\xE2\x80\x8B", "?"},               // U+200B, zero width space
             Case{"\xE2\x80\x8E\xE2\x80\x8F", "??"},  // U+200E, U+200F
             Case{"\xE2\x80\xA8\xE2\x80\xA9", "??"},  // U+2028, U+2029
             Case{"ev\xE2\x80\xAE"
                  "il",
                  "ev?il"},                           // U+202E, right-to-left override
             Case{"\xE2\x81\xA6\xE2\x81\xA9", "??"},  // U+2066, U+2069: isolates
             Case{"\xEF\xBB\xBF", "?"},               // U+FEFF
             Case{"\xF3\xA0\x81\x81", "?"},           // U+E0041, a tag
         })
        CHECK(printable(c.text) == c.shown);
    // Their neighbours are seen.
    for (const std::string_view text :
         {"\xC2\xA0", "\xC2\xAE", "\xE2\x80\x90", "\xE2\x80\xA7", "\xE2\x81\xB0", "\xEF\xBB\xBC"})
        CHECK(printable(text) == text);
}

TEST_CASE("bytes that are no character become question marks, one each", "[printable]") {
    for (const Case& c : {
             Case{"\x80", "?"},
             Case{"\x9B"
                  "31m",
                  "?31m"},         // C1 as a single byte
             Case{"a\xC3", "a?"},  // cut
             Case{"\xE2\x80", "??"},
             Case{"\xC3(", "?("},     // not continued
             Case{"\xC0\x80", "??"},  // overlong zero
             Case{"\xC1\xBF", "??"},
             Case{"\xE0\x80\x9B", "???"},  // overlong U+001B
             Case{"\xE0\x9F\xBF", "???"},
             Case{"\xF0\x80\x80\x9B", "????"},
             Case{"\xED\xA0\x80", "???"},       // a surrogate
             Case{"\xF4\x90\x80\x80", "????"},  // above U+10FFFF
             Case{"\xF8\x88\x80\x80\x80", "?????"},
             Case{"\xFE\xFF", "??"},
         })
        CHECK(printable(c.text) == c.shown);
}

TEST_CASE("whatever the bytes, the result is printable and never longer", "[printable]") {
    std::uint32_t state = 1;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (int i = 0; i < 12; ++i) {
            state = state * 1664525 + 1013904223;
            text += static_cast<char>(state >> 24);
        }
        const std::string shown = printable(text);
        REQUIRE(printable(shown) == shown);
        REQUIRE(shown.size() <= text.size());
    }
}

TEST_CASE("text of several lines keeps line feeds and tabs only", "[printable]") {
    CHECK(printable_lines("a\tb\nc\r\x1B[K\xC2\x9B\n") == "a\tb\nc??[K?\n");
}

TEST_CASE("text is not cut within a character", "[printable]") {
    CHECK(cut_text("abc", 3) == "abc");
    CHECK(cut_text("abc", 2) == "ab");
    CHECK(cut_text("a\xC3\x9F"
                   "b",
                   2) == "a");
    CHECK(cut_text("a\xC3\x9F"
                   "b",
                   3) == "a\xC3\x9F");
    CHECK(cut_text("\xF0\x9F\x90\xA7", 3).empty());
    CHECK(cut_text("abc", 0).empty());
    // Invalid UTF-8 costs at most three more bytes.
    CHECK(cut_text(std::string(100, '\x80'), 50).size() == 47);
}
