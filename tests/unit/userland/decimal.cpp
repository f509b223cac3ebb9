// SPDX-License-Identifier: Apache-2.0
// Decimal digits of floating-point numbers, against the host's printf.
#include "userland/libc/decimal.h"

#include <catch2/catch.hpp>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "tests/unit/kernel/random.h"

namespace {

using tenon::libc::Decimal;

/// The digits before and behind the point of what the host prints, without zeros at either end; and the point's place.
struct Printed {
    std::string digits;
    int point = 0;
    bool operator==(const Printed&) const = default;
};

Printed printed_by_host(long double value, int behind_the_point) {
    const int size = std::snprintf(nullptr, 0, "%.*Lf", behind_the_point, value);
    std::string text(static_cast<std::size_t>(size) + 1, '\0');
    std::snprintf(text.data(), text.size(), "%.*Lf", behind_the_point, value);
    text.pop_back();
    const std::size_t point = text.find('.');
    Printed result{text, static_cast<int>(point == text.npos ? text.size() : point)};
    if (point != text.npos) result.digits.erase(point, 1);
    while (!result.digits.empty() && result.digits.back() == '0') result.digits.pop_back();
    while (!result.digits.empty() && result.digits.front() == '0') {
        result.digits.erase(0, 1);
        --result.point;
    }
    if (result.digits.empty()) result.point = 0;
    return result;
}

Printed printed(long double value, int behind_the_point) {
    Decimal number(value);
    const int count = number.point() + behind_the_point;
    std::string text(static_cast<std::size_t>(count > 0 ? count : 0) + 1, '\0');
    text.resize(number.round(count, text.data()));
    return {text, text.empty() ? 0 : number.point()};
}

/// Significant digits, as with %e.
std::string significant(long double value, int count) {
    Decimal number(value);
    std::string text(static_cast<std::size_t>(count) + 1, '\0');
    text.resize(number.round(count, text.data()));
    return text + "e" + std::to_string(number.point() - 1);
}

std::string significant_by_host(long double value, int count) {
    char text[400];
    std::snprintf(text, sizeof text, "%.*Le", count - 1, value);
    std::string digits;
    const char* at = text;
    for (; *at != 'e'; ++at)
        if (*at != '.') digits += *at;
    while (digits.back() == '0') digits.pop_back();
    return digits + "e" + std::to_string(std::atoi(at + 1));
}

TEST_CASE("decimal: numbers of every kind have the host's digits") {
    const long double values[] = {1,        0.1L,        0.1,
                                  0.5,      1.5,         2.5,
                                  0.25,     9.5,         9.995,
                                  99.5,     999'999.5,   1e23,
                                  1e100,    123'456'789, 1'000'000'000,
                                  DBL_MAX,  DBL_MIN,     std::numeric_limits<double>::denorm_min(),
                                  LDBL_MAX, LDBL_MIN,    std::numeric_limits<long double>::denorm_min()};
    for (const long double value : values) {
        for (const int behind : {0, 1, 2, 3, 6, 17, 40, 400, 17'000}) {
            INFO("value " << static_cast<double>(value) << ", digits behind the point " << behind);
            CHECK(printed(value, behind) == printed_by_host(value, behind));
        }
        for (const int count : {1, 2, 3, 6, 17, 21, 40, 300})
            CHECK(significant(value, count) == significant_by_host(value, count));
    }
}

TEST_CASE("decimal: halves are rounded to even, and only they") {
    CHECK(printed(0.5, 0) == Printed{"", 0});
    CHECK(printed(1.5, 0) == Printed{"2", 1});
    CHECK(printed(2.5, 0) == Printed{"2", 1});
    CHECK(printed(std::nextafter(0.5, 1), 0) == Printed{"1", 1});
    CHECK(printed(std::nextafter(2.5L, 3), 0) == Printed{"3", 1});
    CHECK(printed(9.5, 0) == Printed{"1", 2});
    CHECK(printed(0.04, 1) == Printed{"", 0});
    CHECK(printed(0.004, 1) == Printed{"", 0});
}

TEST_CASE("decimal: random bits") {
    tenon::test::Random random(1);
    for (int i = 0; i != 2'000; ++i) {
        const std::uint64_t bits = std::uint64_t{random(std::size_t{1} << 32)} << 32 | random(std::size_t{1} << 32);
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        value = std::fabs(value);
        if (!std::isfinite(value) || value == 0) continue;
        INFO("value " << value);
        CHECK(significant(value, 17) == significant_by_host(value, 17));
        CHECK(printed(value, 6) == printed_by_host(value, 6));
    }
}

}  // namespace
