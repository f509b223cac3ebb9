// SPDX-License-Identifier: Apache-2.0
// RFC 3339 in UTC, by the calendar of <chrono>.
#include "hv/core/utc_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "hv/core/text.h"

namespace hv {

using namespace std::chrono;

std::string utc_text(std::int64_t ms) {
    constexpr sys_time<milliseconds> last = sys_days(year(9999) / December / 31) + hours(24) - milliseconds(1);
    const sys_time<milliseconds> time(milliseconds(std::clamp<std::int64_t>(ms, 0, last.time_since_epoch().count())));
    const auto midnight = floor<days>(time);
    const year_month_day date(midnight);
    const hh_mm_ss clock(time - midnight);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<std::int64_t> parse_utc_text(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
    static_assert(form.size() == utc_text_size);
    if (text.size() < form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) return std::nullopt;
    }
    const auto number = [text](std::size_t at, std::size_t size) {
        return static_cast<unsigned>(parse_number(text.substr(at, size)).value_or(0));
    };
    const year_month_day date(year(static_cast<int>(number(0, 4))), month(number(5, 2)), day(number(8, 2)));
    const unsigned hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const auto time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(number(20, 3));
    return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace hv
