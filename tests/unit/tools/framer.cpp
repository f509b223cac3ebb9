// SPDX-License-Identifier: Apache-2.0
// Requests out of a stream, whole, in pieces, and broken.
#include "tools-agent/framer.h"

#include <catch2/catch.hpp>
#include <vector>

using tenon::tools::Framer;
using Event = Framer::Event;

namespace {

struct Seen {
    std::vector<std::string> requests;
    std::vector<std::string> complaints;
};

void feed(Framer& framer, std::string_view bytes, Seen& seen) {
    while (!bytes.empty()) {
        const Event event = framer.next(bytes);
        if (event == Event::request) seen.requests.push_back(framer.request());
        if (event == Event::malformed) seen.complaints.emplace_back(framer.why());
    }
}

Seen all_of(std::string_view bytes) {
    Framer framer;
    Seen seen;
    feed(framer, bytes, seen);
    return seen;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("framer: requests end where their brackets do") {
    CHECK(all_of(R"({"a":1})").requests == Texts{R"({"a":1})"});
    CHECK(all_of("  {}\n\r\t{} \n").requests == Texts{"{}", "{}"});
    CHECK(all_of(R"({"a":{"b":[1,2]}}{"c":2})").requests == Texts{R"({"a":{"b":[1,2]}})", R"({"c":2})"});
    CHECK(all_of(R"({"a":"}]{\"\\"}{})").requests == Texts{R"({"a":"}]{\"\\"})", "{}"});
    CHECK(all_of("{\n\"a\"\n:\n1}\n").requests.size() == 1);
    CHECK(all_of("[1]").requests == Texts{"[1]"});
}

TEST_CASE("framer: every way to cut a stream gives the same requests") {
    const std::string stream = "{\"a\":\"\\\"{\"}\n{\"b\":[{}]}\xFF{\"half\":{\xFF {\"c\":1}\nnonsense\n{}";
    const Seen whole = all_of(stream);
    REQUIRE(whole.requests == Texts{"{\"a\":\"\\\"{\"}", "{\"b\":[{}]}", "{\"c\":1}", "{}"});
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        Framer framer;
        Seen seen;
        feed(framer, std::string_view(stream).substr(0, cut), seen);
        feed(framer, std::string_view(stream).substr(cut), seen);
        CHECK(seen.requests == whole.requests);
        CHECK(seen.complaints == whole.complaints);
    }
}

TEST_CASE("framer: the sentinel forgets a request, and says nothing") {
    const Seen seen = all_of("{\"a\":\"\xFF{\"b\":1}\xFF\xFF{");
    CHECK(seen.requests == Texts{R"({"b":1})"});
    CHECK(seen.complaints.empty());
}

TEST_CASE("framer: what is no request is told of once, and passed over to the end of its line") {
    const Seen seen = all_of("hello {\"a\":1} world\n{}");
    CHECK(seen.requests == Texts{"{}"});
    CHECK(seen.complaints.size() == 1);
    CHECK(all_of("12 34 56").complaints.size() == 1);
    CHECK(all_of("x\xFF{}").requests == Texts{"{}"});
}

TEST_CASE("framer: a string without an end ends with its line") {
    const Seen seen = all_of("{\"execute\": \"gue\n{}\n");
    CHECK(seen.complaints.size() == 1);
    CHECK(seen.requests == Texts{"{}"});
    CHECK(all_of("{\"a\": \"b\tc\"}\n{}").requests == Texts{"{}"});
}

TEST_CASE("framer: size and depth have limits, behind which the next line is heard") {
    const std::string deep(100'000, '[');
    CHECK(all_of(deep + "\n{}").requests == Texts{"{}"});
    CHECK(all_of(deep + "\n{}").complaints.size() == 1);
    const std::string level(Framer::deepest_nesting, '['), end(Framer::deepest_nesting, ']');
    CHECK(all_of(level + end).requests.size() == 1);
    CHECK(all_of("[" + level + end + "]\n").requests.empty());

    const std::string longest = "[\"" + std::string(Framer::longest_request - 4, 'x') + "\"]";
    CHECK(all_of(longest).requests.size() == 1);
    CHECK(all_of("[ " + longest.substr(1)).complaints.size() == 1);
    const Seen line = all_of("{\"a\":\"" + std::string(1 << 20, 'x') + "\"}\n{}");
    CHECK(line.requests == Texts{"{}"});
    CHECK(line.complaints.size() == 1);
}

TEST_CASE("framer: half a request is known as such") {
    Framer framer;
    Seen seen;
    CHECK_FALSE(framer.incomplete());
    feed(framer, "{", seen);
    CHECK(framer.incomplete());
    feed(framer, "}", seen);
    CHECK_FALSE(framer.incomplete());
    feed(framer, "{\"a\":", seen);
    framer.reset();
    CHECK_FALSE(framer.incomplete());
    feed(framer, "{}", seen);
    CHECK(seen.requests == Texts{"{}", "{}"});
}
