// SPDX-License-Identifier: Apache-2.0
// Text of guests and users.
#include "hv/core/text.h"

#include <catch2/catch.hpp>

TEST_CASE("text: control characters of a guest do not reach a terminal, other languages do") {
    CHECK(hv::without_controls("a\x1b]0;title\x07 b\tc\x7f") == "a?]0;title? b?c?");
    CHECK(hv::without_controls("na\xc3\xafve") == "na\xc3\xafve");
    CHECK(hv::without_controls("").empty());
}

TEST_CASE("text: a crashed guest's string ends at its first zero, and is ASCII") {
    CHECK(hv::printable({"reason\0rest", 11}) == "reason");
    CHECK(hv::printable("no end") == "no end");
    CHECK(hv::printable("\x1b[2J \xc2\x9b ~\x7f") == "?[2J ?? ~?");
    CHECK(hv::printable({"\0", 1}).empty());
}
