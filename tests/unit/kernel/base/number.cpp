// SPDX-License-Identifier: Apache-2.0
// Numbers from text.
#include "kernel/base/number.h"

#include <catch2/catch.hpp>

using tenon::parse_number, tenon::take_number;

TEST_CASE("numbers: decimal, hexadecimal, with suffixes") {
    CHECK(parse_number("0") == 0);
    CHECK(parse_number("0xf4") == 0xF4);
    CHECK(parse_number("0XaB") == 0xAB);
    CHECK(parse_number("16k") == 16384);
    CHECK(parse_number("2M") == 2 << 20);
    CHECK(parse_number("1G") == 1 << 30);
    CHECK(parse_number("0x10K") == 16384);
    CHECK(parse_number("18446744073709551615") == ~0ULL);
    CHECK(parse_number("18014398509481983K") == ~0ULL - 1023);
}

TEST_CASE("numbers: text that is none, and numbers that do not fit") {
    for (const char* text : {"", "0x", "x", "K", "12q", "12KK", "12 ", " 12", "-1", "+1", "1.5", "0xG", "1_000"})
        CHECK_FALSE(parse_number(text));
    for (const char* text : {"18446744073709551616", "0x10000000000000000", "18014398509481984K", "17179869184G"})
        CHECK_FALSE(parse_number(text));
}

TEST_CASE("numbers: taken off the front of a text") {
    std::string_view text = "4K@0xd0000000:5";
    CHECK(take_number(text) == 4096);
    CHECK(text == "@0xd0000000:5");
    text.remove_prefix(1);
    CHECK(take_number(text) == 0xD000'0000);
    CHECK(text == ":5");
    CHECK_FALSE(take_number(text));
}
