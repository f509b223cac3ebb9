// SPDX-License-Identifier: Apache-2.0
// Points in time as RFC 3339 writes them in UTC, all of one length: "2026-11-30T05:52:12.123Z".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hv {

inline constexpr std::size_t utc_text_size = 24;

/// `ms` since 1970. Years beyond 9999 are written as the end of that.
[[nodiscard]] std::string utc_text(std::int64_t ms);

/// The time at the beginning of `text`, in exactly that form; nothing: there is none.
[[nodiscard]] std::optional<std::int64_t> parse_utc_text(std::string_view text);

}  // namespace hv
