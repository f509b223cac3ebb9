// SPDX-License-Identifier: Apache-2.0
// The loader's command line, from a file that people edit.
#include "images/loader/command_line.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

using tenon::loader::has_option;

namespace {

std::string read(std::string_view file) {
    std::array<char, 64> target{};
    const auto size = tenon::loader::read_command_line(file, target);
    return size ? std::string(target.data(), *size) : "error: " + std::string(size.error().message());
}

}  // namespace

TEST_CASE("loader: a command line is the words of all lines but comments") {
    CHECK(read("").empty());
    CHECK(read("\n\n").empty());
    CHECK(read("# nothing").empty());
    CHECK(read("verbose") == "verbose");
    CHECK(read("verbose\n") == "verbose");
    CHECK(read("# options\r\nverbose\r\n  ip=dhcp  \r\n\r\n# arguments\r\n-- \"two  words\" #3\r\n") ==
          "verbose ip=dhcp -- \"two  words\" #3");
    CHECK(read("a\tb\n\t#c") == "a b");
    CHECK(read("\xEF\xBB\xBFverbose") == "verbose");
    CHECK(read("hostname=b\xC3\xA4r") == "hostname=b\xC3\xA4r");
}

TEST_CASE("loader: a command line that does not fit, or is no text, is refused") {
    CHECK(read(std::string(64, 'x')) == std::string(64, 'x'));
    CHECK(read(std::string(32, 'x') + "\n" + std::string(31, 'y')).size() == 64);
    const std::string too_long = "error: the command line in cmdline.txt is longer than 0x40 bytes";
    CHECK(read(std::string(65, 'x')) == too_long);
    CHECK(read(std::string(32, 'x') + "\n" + std::string(32, 'y')) == too_long);
    CHECK(read(std::string(64, 'x') + "\ny") == too_long);
    CHECK(read("#" + std::string(1000, 'x')).empty());
    // UTF-16, and a file that is something else.
    CHECK(read(std::string("v\0e\0", 4)) ==
          "error: byte 0x1 of cmdline.txt is 0x0: save it as plain text (ASCII or UTF-8)");
    CHECK(read("ab\x1b[0m") == "error: byte 0x2 of cmdline.txt is 0x1b: save it as plain text (ASCII or UTF-8)");
}

TEST_CASE("loader: an option counts ahead of the program's arguments only") {
    CHECK(has_option("verbose", "verbose"));
    CHECK(has_option("ip=dhcp  verbose -- x", "verbose"));
    CHECK_FALSE(has_option("", "verbose"));
    CHECK_FALSE(has_option("verbose=1 averbose", "verbose"));
    CHECK_FALSE(has_option("ip=dhcp -- verbose", "verbose"));
}
