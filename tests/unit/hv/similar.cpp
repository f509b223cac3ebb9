// SPDX-License-Identifier: Apache-2.0
// Suggestions for mistyped words.
#include "hv/core/similar.h"

#include <catch2/catch.hpp>

using namespace hv;

TEST_CASE("similar words: one slip of the finger, and none that is far") {
    constexpr std::string_view words[] = {"run", "stop", "stat", "pause", "--memory", "--memory-limit", "rm"};
    for (const auto& [typed, meant] :
         std::initializer_list<std::pair<const char*, const char*>>{{"stpo", "stop"},
                                                                    {"sotp", "stop"},
                                                                    {"stopp", "stop"},
                                                                    {"sto", "stop"},
                                                                    {"stip", "stop"},
                                                                    {"rn", "run"},
                                                                    {"puase", "pause"},
                                                                    {"--memroy", "--memory"},
                                                                    {"--memory-limt", "--memory-limit"},
                                                                    {"stta", "stat"}}) {
        INFO(typed);
        CHECK(closest(typed, words) == meant);
    }
    for (const char* typed : {"", "x", "frobnicate", "--verbose", "memory-of-the-machine", "s"})
        CHECK(closest(typed, words).empty());
    CHECK(closest(std::string(1000, 's'), words).empty());
    CHECK(did_you_mean("stpo", words) == " (did you mean 'stop'?)");
    CHECK(did_you_mean("frobnicate", words).empty());
    CHECK(closest("run", {}).empty());
}
