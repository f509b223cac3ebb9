// SPDX-License-Identifier: Apache-2.0
// Domain names in DHCP's options and router advertisements: what is one, and what is none.
#include "kernel/net/domain_names.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

using namespace tenon::net;
using namespace std::string_literals;

namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::vector<std::string> names_in(const std::string& text, std::size_t most = 6) {
    const auto bytes = bytes_of(text);
    std::vector<DomainName> names(most);
    names.resize(read_domain_names(bytes, names));
    std::vector<std::string> result;
    for (const DomainName& name : names) result.emplace_back(name.text());
    return result;
}

std::string text_in(const std::string& text) {
    DomainName name;
    return read_domain_text(bytes_of(text), name) ? std::string(name.text()) : "none";
}

using Names = std::vector<std::string>;
const std::string example = "\7example\0"s;

}  // namespace

TEST_CASE("domain names: one after the other, with padding") {
    CHECK(names_in("\4test\0"s) == Names{"test"});
    CHECK(names_in("\1a\4test\0\3b-c\2_d\0\0\0\0"s) == Names{"a.test", "b-c._d"});
    CHECK(names_in("").empty());
    CHECK(names_in("\0\0\0"s).empty());
}

TEST_CASE("domain names: compressed, as in RFC 3397's example") {
    CHECK(names_in("\3eng\5apple\3com\0\x9marketing\xC0\4"s) == Names{"eng.apple.com", "marketing.apple.com"});
    // A pointer to a name that itself ends with one.
    CHECK(names_in("\3com\0\1a\xC0\0\1b\xC0\5"s) == Names{"com", "a.com", "b.a.com"});
}

TEST_CASE("domain names: no more than there is room for") {
    CHECK(names_in("\1a\0\1b\0\1c\0"s, 2) == Names{"a", "b"});
    CHECK(names_in("\1a\0"s, 0).empty());
}

TEST_CASE("domain names: reading ends at what is malformed") {
    const std::array malformed{
        "\7example"s,       // without an end
        "\7exam"s,          // a label beyond the end
        "\xC0\x9"s,         // a pointer to itself
        "\xC0"s,            // half a pointer
        "\1a\xC0\x9"s,      // to the name that it is in
        "\xC1\xFF"s,        // far beyond
        "\x40" + "x"s,      // the reserved kinds of labels
        "\x80x\0"s,         //
        "\4te t\0"s,        // characters that are none of a name's
        "\4te\nt\0"s,       //
        "\4te\0t\0"s,       //
        "\4te.t\0"s,        //
        "\4te\xC3\xA9\0"s,  //
        "\x40"s + std::string(64, 'a') + "\0"s,
    };
    for (const std::string& text : malformed) {
        INFO(text);
        CHECK(names_in(example + text) == Names{"example"});
    }
    // Forward, although there is a name.
    CHECK(names_in("\xC0\2\4test\0"s).empty());
}

TEST_CASE("domain names: their sizes") {
    const std::string label = "\x3F" + std::string(63, 'a');
    const std::string longest = label + label + label + "\x3D" + std::string(61, 'b') + "\0"s;
    REQUIRE(names_in(longest).size() == 1);
    CHECK(names_in(longest)[0].size() == 253);
    CHECK(names_in(label + label + label + "\x3E" + std::string(62, 'b') + "\0"s).empty());
    CHECK(names_in(label + label + label + label + "\0"s).empty());
}

TEST_CASE("domain names: DHCP's text") {
    CHECK(text_in("test") == "test");
    CHECK(text_in("lan.example.org") == "lan.example.org");
    CHECK(text_in("lan.example.org.") == "lan.example.org");
    CHECK(text_in("test\0\0"s) == "test");
    for (const std::string& text : {""s, "."s, ".."s, "a..b"s, ".a"s, "two words"s, "new\nline"s, "a\0b"s, "\0"s,
                                    std::string(64, 'a'), std::string(255, 'a')}) {
        INFO(text);
        CHECK(text_in(text) == "none");
    }
}
