// SPDX-License-Identifier: Apache-2.0
// Number formatting, against the host's printf.
#include "kernel/base/format.h"

#include <catch2/catch.hpp>
#include <climits>
#include <cstdio>
#include <string>

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

namespace {

template <typename... Arguments>
void same(const char* format, Arguments... arguments) {
    char ours[200], theirs[200];
    const std::size_t size = tenon::format_text(ours, sizeof(ours), format, arguments...);
    const int expected = std::snprintf(theirs, sizeof(theirs), format, arguments...);
    INFO(format);
    CHECK(std::string(ours) == theirs);
    CHECK(size == static_cast<std::size_t>(expected));
}

}  // namespace

TEST_CASE("format: as printf does it") {
    same("plain");
    same("100%%");
    same("%s|%10s|%-10s|%.3s|%*s|%.*s", "text", "text", "text", "text", 8, "text", 2, "text");
    same("%c|%5c|%-5c|", 'x', 'y', 'z');
    for (const int value : {0, 1, -1, 42, -42, INT_MAX, INT_MIN})
        same("%d|%i|%8d|%-8d|%08d|%+d|% d", value, value, value, value, value, value, value);
    for (const unsigned value : {0U, 1U, 0xDEADBEEFU, UINT_MAX})
        same("%u|%x|%X|%o|%08x|%12u", value, value, value, value, value, value);
    for (const long value : {0L, -1L, LONG_MAX, LONG_MIN})
        same("%ld|%20ld|%-20ld|%lld", value, value, value, static_cast<long long>(value));
    same("%lu|%lx|%llu|%zu|%zx|%jd|%td", ULONG_MAX, ULONG_MAX, ULLONG_MAX, SIZE_MAX, SIZE_MAX,
         static_cast<std::intmax_t>(-5), static_cast<std::ptrdiff_t>(7));
    same("%p", reinterpret_cast<void*>(0x10000123456));
}

TEST_CASE("format: cut at the end of the buffer, and always terminated") {
    char buffer[8];
    CHECK(tenon::format_text(buffer, sizeof(buffer), "%s", "0123456789") == 7);
    CHECK(std::string(buffer) == "0123456");
    CHECK(tenon::format_text(buffer, 1, "abc") == 0);
    CHECK(buffer[0] == '\0');
    CHECK(tenon::format_text(buffer, 0, "abc") == 0);
    CHECK(tenon::format_text(buffer, sizeof(buffer), "%1000d", 5) == 7);
    CHECK(std::string(buffer) == "       ");
}

TEST_CASE("format: what it does not know stands as it is") {
    char buffer[64];
    const char* format = "a%qb%";
    tenon::format_text(buffer, sizeof(buffer), format);
    CHECK(std::string(buffer) == "a%qb");
    const char* volatile nothing = nullptr;  // volatile: the compiler would warn
    tenon::format_text(buffer, sizeof(buffer), "%s", nothing);
    CHECK(std::string(buffer) == "(null)");
}
