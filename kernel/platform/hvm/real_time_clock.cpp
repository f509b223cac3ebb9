// SPDX-License-Identifier: Apache-2.0
// MC146818 time registers.
#include "kernel/platform/hvm/real_time_clock.h"

#include <initializer_list>

#include "kernel/arch/x86_64/port_io.h"

namespace tenon::hvm {

namespace {

constexpr std::uint16_t index_port = 0x70, data_port = 0x71;
constexpr std::uint8_t nmi_disabled = 0x80;  // in the index

enum class Register : std::uint8_t {
    second = 0,
    minute = 2,
    hour = 4,
    day = 7,
    month = 8,
    year = 9,
    a = 0x0A,
    b = 0x0B
};

struct Fields {
    unsigned second, minute, hour, day, month, year;
    bool operator==(const Fields&) const = default;
};

unsigned read(Register number) {
    out8(index_port, static_cast<std::uint8_t>(number) | nmi_disabled);
    return in8(data_port);
}

Fields read_fields() {
    using enum Register;
    return {read(second), read(minute), read(hour), read(day), read(month), read(year)};
}

unsigned from_bcd(unsigned value) { return (value >> 4) * 10 + (value & 15); }

/// Days since 1970-01-01 of a date of the Gregorian calendar. Counts years from March, so that a leap day is the last.
std::uint64_t days_since_1970(unsigned year, unsigned month, unsigned day) {
    if (month <= 2) year--;
    const unsigned shifted_month = month > 2 ? month - 3 : month + 9;
    const std::uint64_t years_days = 365ULL * year + year / 4 - year / 100 + year / 400;
    constexpr std::uint64_t days_before_1970 = 719'468;
    return years_days + (153 * shifted_month + 2) / 5 + day - 1 - days_before_1970;
}

}  // namespace

std::uint64_t read_real_time_clock() {
    constexpr unsigned update_in_progress = 0x80;  // register A
    constexpr unsigned binary = 4, hours24 = 2;    // register B
    constexpr unsigned afternoon = 0x80;           // the hour, where a day has twice 12
    constexpr unsigned nothing_there = 0xFF;
    const unsigned mode = read(Register::b);
    if (mode == nothing_there) return 0;
    // Reads until two readings outside of an update are equal, and gives up on a clock where that never happens.
    Fields fields{}, again{};
    bool stable = false;
    for (int attempt = 0; attempt < 1000 && !stable; attempt++) {
        if ((read(Register::a) & update_in_progress) != 0) continue;
        fields = read_fields();
        again = read_fields();
        stable = fields == again;
    }
    if (!stable) return 0;
    bool pm = false;
    if ((mode & hours24) == 0) {
        pm = (fields.hour & afternoon) != 0;
        fields.hour &= ~afternoon;
    }
    if ((mode & binary) == 0)
        for (unsigned* field : {&fields.second, &fields.minute, &fields.hour, &fields.day, &fields.month, &fields.year})
            *field = from_bcd(*field);
    if ((mode & hours24) == 0) fields.hour = fields.hour % 12 + (pm ? 12 : 0);
    if (fields.month < 1 || fields.month > 12 || fields.day < 1 || fields.day > 31 || fields.hour > 23) return 0;
    const std::uint64_t days = days_since_1970(2000 + fields.year, fields.month, fields.day);
    return (((days * 24 + fields.hour) * 60 + fields.minute) * 60 + fields.second) * 1'000'000'000;
}

}  // namespace tenon::hvm
