// SPDX-License-Identifier: Apache-2.0
// Names of C++ that come from a guest.
#include "hv/image/demangle.h"

#include <catch2/catch.hpp>
#include <string>

TEST_CASE("demangle: functions and types are written as people do") {
    CHECK(hv::demangled("St13runtime_error") == "std::runtime_error");
    CHECK(hv::demangled("i") == "int");
    CHECK(hv::demangled("_ZN5tenon5panicEPKcz") == "tenon::panic(char const*, ...)");
    CHECK(hv::demangled("N12_GLOBAL__N_16FailedE") == "(anonymous namespace)::Failed");
    CHECK(hv::demangled("_ZN5tenon12_GLOBAL__N_111main_threadEPv.cold") ==
          "tenon::(anonymous namespace)::main_thread(void*) [clone .cold]");
}

TEST_CASE("demangle: what is no mangled name stays as it is") {
    for (const char* name : {"", "main", "_Z", "_ZN", "St", "tenon_thread_main", "\x01"}) {
        CHECK(hv::demangled(name) == name);
        CHECK(hv::demangled_function(name) == name);
    }
    // A function of C is not a type of one letter.
    CHECK(hv::demangled_function("x") == "x");
    CHECK(hv::demangled_function("_Z1fv") == "f()");
}

TEST_CASE("demangle: a name that stands for more than anybody reads stays as it is") {
    // Each template's arguments are the one before it, twice: substitutions number the name and what it makes in turn.
    std::string name = "_Z1f1AIiiE";
    const std::string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (std::size_t i = 0; i != 17; ++i) {
        const std::string before = std::string("S") + digits[2 * i] + "_";
        name += "1AI" + before + before + "E";
    }
    CHECK(hv::demangled("_Z1f1AIiiE1AIS0_S0_E") == "f(A<int, int>, A<A<int, int>, A<int, int> >)");
    CHECK(hv::demangled(name) == name);
    const std::string deep = "_Z1f" + std::string(100'000, 'P') + "i";
    CHECK(hv::demangled(deep) == deep);
}

TEST_CASE("demangle: the reason of a panic names the type that nobody caught") {
    CHECK(hv::with_type_demangled("uncaught exception of type St13runtime_error: a: b") ==
          "uncaught exception of type std::runtime_error: a: b");
    CHECK(hv::with_type_demangled("uncaught exception of type i") == "uncaught exception of type int");
    CHECK(hv::with_type_demangled("uncaught exception of type ") == "uncaught exception of type ");
    CHECK(hv::with_type_demangled("of type i: x") == "of type i: x");
}
