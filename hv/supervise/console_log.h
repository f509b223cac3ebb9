// SPDX-License-Identifier: Apache-2.0
// The log of a detached machine's console, with the time of each line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/supervise/bounded_log.h"

namespace hv {

/// In the file each line begins with the time of its first byte (core/utc_time.h) and a space.
class ConsoleLog {
public:
    /// Errors: those of BoundedLog::open().
    static Result<ConsoleLog> open(const std::string& path);

    /// `now_ms`: since 1970.
    void append(std::string_view text, std::int64_t now_ms);
    /// What the console showed last, without times: at most `limit` bytes, from the beginning of a line where there is
    /// one.
    [[nodiscard]] std::string tail(std::uint64_t limit) const;

private:
    ConsoleLog(BoundedLog log, bool at_line_begin) : log_(std::move(log)), at_line_begin_(at_line_begin) {}

    BoundedLog log_;
    bool at_line_begin_;
};

/// Reads such a file piece by piece, as it grows.
class ConsoleLogReader {
public:
    struct Options {
        bool with_times = false;
        std::int64_t since_ms = 0;  ///< lines of before are left out
    };
    explicit ConsoleLogReader(Options options) : options_(options) {}

    /// Takes from the beginning of `text` what can be shown, and returns that: an unfinished line, too, once its time
    /// is there. A line without a time has that of the line before: it is the rest of a line that a full log has
    /// divided.
    std::string take(std::string& text);

private:
    Options options_;
    bool at_line_begin_ = true;
    bool shown_ = true;  ///< the line that has begun
};

}  // namespace hv
