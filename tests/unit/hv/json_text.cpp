// SPDX-License-Identifier: Apache-2.0
#include "hv/core/json_text.h"

#include <catch2/catch.hpp>
#include <string>

using hv::JsonLimits;
using hv::member_of;
using hv::parse_json;
using hv::printed_json;

namespace {

std::string repeated(std::string_view text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
    const auto parsed = parse_json(text, limits);
    return parsed ? "accepted" : parsed.error().message;
}

/// An object of `count` members.
std::string object_of(std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
    return text + "}";
}

}  // namespace

TEST_CASE("JSON within its limits is parsed", "[json]") {
    CHECK(*parse_json("7") == 7);
    CHECK(parse_json(R"({"a": [1, {"b": "x,]}\"{"}]})")->at("a")[1]["b"] == "x,]}\"{");
    CHECK(parse_json(repeated("[", 32) + repeated("]", 32)).has_value());
    CHECK(parse_json(object_of(1024))->size() == 1024);
    CHECK(parse_json("[" + repeated("1,", 60'000) + "1]")->size() == 60'001);
    // Brackets, commas and comments in a string do not count.
    CHECK(parse_json("\"" + repeated("[,{//", 20'000) + "\"").has_value());
    CHECK(parse_json("// [[[[\n/* {{{{ \" */ {\"a\": 1 /*/ , */}", {.depth = 1, .values = 1, .comments = true})
              .has_value());
}

TEST_CASE("JSON beyond a limit is refused before anything is made of it", "[json]") {
    CHECK(refusal(repeated("[", 33) + repeated("]", 33)) == "nests deeper than 32 levels");
    // A million levels: a parser may accept them, and then code that destroys or writes the result runs out of stack.
    CHECK(refusal(repeated("[", 500'000)) == "nests deeper than 32 levels");
    CHECK(refusal(repeated("{\"a\":", 200'000)) == "nests deeper than 32 levels");
    CHECK(refusal(object_of(1025)) == "has an object of more than 1024 members");
    CHECK(refusal("[" + repeated("1,", 70'000) + "1]") == "has more than 65536 values");
    CHECK(refusal("[" + repeated("[],", 40'000) + "1]") == "has more than 65536 values");
    CHECK(refusal(std::string(1 << 20, ' ') + "7") == "is longer than 1048576 bytes");
    CHECK(refusal("[1,2,3]", {.values = 2}) == "has more than 2 values");
    // Closing more than was opened does not make room for more.
    CHECK(refusal(repeated("]", 100) + repeated("[", 40)) == "nests deeper than 32 levels");
    // After a quote behind a backslash the string goes on.
    CHECK(refusal("[\"\\\"\"," + repeated("[", 40)) == "nests deeper than 32 levels");
}

TEST_CASE("members of what is no object are null", "[json]") {
    const auto json = *parse_json(R"({"a": {"b": 7}, "c": [1]})");
    CHECK(member_of(member_of(json, "a"), "b") == 7);
    CHECK(member_of(json, "b").is_null());
    CHECK(member_of(member_of(json, "c"), "b").is_null());
    CHECK(member_of(member_of(json, "none"), "b").is_null());
}

TEST_CASE("printed JSON is ASCII", "[json]") {
    const auto json = *parse_json(
        "{\"a\\u001b\": \"\xc2\x9b"
        "31m\xe2\x80\xae\xc3\xa4\"}");
    CHECK(printed_json(json, -1) == R"({"a\u001b":"\u009b31m\u202e\u00e4"})");
    CHECK(*parse_json(printed_json(json)) == json);
    CHECK(printed_json("\x80", -1) == R"("\ufffd")");
}

TEST_CASE("what is not JSON is refused", "[json]") {
    for (const char* text :
         {"", "{", "[1,]", "\"", "\"\\", "{\"a\"}", "nul", "\x80", "1 2", "/* */ 1", "[1] // end", "'a'"})
        CHECK(refusal(text) == "is not JSON");
    for (const char* text : {"/", "/*", "/*/ 1", "// 1"}) CHECK(refusal(text, {.comments = true}) == "is not JSON");
}
