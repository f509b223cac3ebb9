// SPDX-License-Identifier: Apache-2.0
// The cpio reader: archives as cpio(1) makes them, and damaged ones.
#include "kernel/fs/cpio.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/kernel/random.h"

using namespace tenon;

namespace {

std::string hexadecimal(std::size_t value) {
    char text[9];
    std::snprintf(text, sizeof(text), "%08zx", value);
    return text;
}

std::string entry(const std::string& name, const std::string& data, unsigned mode = 0100644, unsigned modified = 1234) {
    std::string result = "070701" + hexadecimal(1) + hexadecimal(mode);
    for (int i = 0; i != 2; ++i) result += hexadecimal(0);
    result += hexadecimal(1) + hexadecimal(modified) + hexadecimal(data.size());
    for (int i = 0; i != 4; ++i) result += hexadecimal(0);
    result += hexadecimal(name.size() + 1) + hexadecimal(0);
    result += name + '\0';
    result.resize((result.size() + 3) / 4 * 4);
    result += data;
    result.resize((result.size() + 3) / 4 * 4);
    return result;
}

std::string archive(std::initializer_list<std::string> entries) {
    std::string result;
    for (const std::string& each : entries) result += each;
    return result + entry("TRAILER!!!", "");
}

struct Reading {
    std::vector<CpioEntry> entries;
    bool damaged = false;
};

/// A copy of its own for each reading, so that the address sanitizer sees a byte too far.
Reading read_all(const std::string& text) {
    static std::vector<std::byte> copy;
    copy.assign(reinterpret_cast<const std::byte*>(text.data()),
                reinterpret_cast<const std::byte*>(text.data()) + text.size());
    copy.shrink_to_fit();
    Reading reading;
    CpioReader reader(copy);
    for (;;) {
        const auto next = reader.next();
        reading.damaged = !next.has_value();
        if (!next || !*next) return reading;
        reading.entries.push_back(**next);
    }
}

}  // namespace

TEST_CASE("cpio: entries with names of every length") {
    for (std::size_t size = 1; size != 9; ++size) {
        const std::string name(size, 'n'), data(size * 3, 'd');
        const Reading reading = read_all(archive({entry("dir", "", 040755), entry(name, data), entry("empty", "")}));
        REQUIRE_FALSE(reading.damaged);
        REQUIRE(reading.entries.size() == 3);
        CHECK(reading.entries[0].name == "dir");
        CHECK(reading.entries[0].mode == 040755);
        CHECK(reading.entries[1].name == name);
        CHECK(reading.entries[1].modified == 1234);
        CHECK(std::string(reinterpret_cast<const char*>(reading.entries[1].data.data()),
                          reading.entries[1].data.size()) == data);
        CHECK(reading.entries[2].data.empty());
    }
}

TEST_CASE("cpio: no archive is an empty one") {
    const Reading reading = read_all("");
    CHECK_FALSE(reading.damaged);
    CHECK(reading.entries.empty());
}

TEST_CASE("cpio: damage is found") {
    const std::string good = archive({entry("a", "data")});
    // Cut anywhere before the end of the name of the trailer, which begins at 116.
    for (std::size_t size = 1; size < 116 + 110 + 11; ++size) {
        if (read_all(good.substr(0, size)).damaged) continue;
        FAIL("cut to " << size << " bytes it is taken for whole");
    }
    std::string wrong = good;
    wrong[5] = '7';
    CHECK(read_all(wrong).damaged);
    wrong = good;
    wrong[6 + 8 * 6] = 'g';  // size
    CHECK(read_all(wrong).damaged);
    wrong = good;
    wrong.replace(6 + 8 * 6, 8, "ffffffff");
    CHECK(read_all(wrong).damaged);
    wrong = good;
    wrong.replace(6 + 8 * 11, 8, "ffffffff");  // name size
    CHECK(read_all(wrong).damaged);
    wrong.replace(6 + 8 * 11, 8, "00000000");
    CHECK(read_all(wrong).damaged);
    wrong = good;
    wrong[111] = 'x';  // the name's terminating zero
    CHECK(read_all(wrong).damaged);
    CHECK(read_all(archive({entry(std::string("a\0b", 3), "")})).damaged);
}

TEST_CASE("cpio: random damage is harmless") {
    const std::string good = archive({entry("a", "data"), entry("b/c", std::string(100, 'x')), entry("d", "")});
    test::Random random(5);
    for (int i = 0; i != 20'000; ++i) {
        std::string wrong = good;
        for (std::uint32_t change = 0; change <= random(4); ++change)
            wrong[random(wrong.size())] = "0123456789abcdef\0/"[random(18)];
        static_cast<void>(read_all(wrong));
    }
}
