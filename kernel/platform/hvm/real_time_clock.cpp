// SPDX-License-Identifier: Apache-2.0
// MC146818 time registers.
#include "kernel/platform/hvm/real_time_clock.h"

#include <initializer_list>

#include "kernel/arch/x86_64/port_io.h"

namespace tenon::hvm {

namespace {

constexpr std::uint16_t index_port = 0x70, data_port = 0x71;
constexpr std::uint8_t nmi_disabled = 0x80;

struct Fields {
    unsigned second, minute, hour, day, month, year;
    bool operator==(const Fields&) const = default;
};

unsigned read(std::uint8_t number) {
    out8(index_port, number | nmi_disabled);
    return in8(data_port);
}

Fields read_fields() { return {read(0), read(2), read(4), read(7), read(8), read(9)}; }

unsigned from_bcd(unsigned value) { return (value >> 4) * 10 + (value & 15); }

/// Days since 1970-01-01 of a date of the Gregorian calendar: years that begin in March make leap days the last.
std::uint64_t days_since_1970(unsigned year, unsigned month, unsigned day) {
    if (month <= 2) year--;
    const unsigned shifted_month = month > 2 ? month - 3 : month + 9;
    const std::uint64_t years_days = 365ULL * year + year / 4 - year / 100 + year / 400;
    constexpr std::uint64_t days_before_1970 = 719'468;
    return years_days + (153 * shifted_month + 2) / 5 + day - 1 - days_before_1970;
}

}  // namespace

std::uint64_t read_real_time_clock() {
    constexpr unsigned update_in_progress = 0x80, binary = 4, hours24 = 2, afternoon = 0x80;
    const unsigned mode = read(0x0B);
    if (mode == 0xFF) return 0;
    // Two equal readings outside of an update; a clock that never stands still is no clock.
    Fields fields{}, again{};
    bool stable = false;
    for (int attempt = 0; attempt < 1000 && !stable; attempt++) {
        if ((read(0x0A) & update_in_progress) != 0) continue;
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
