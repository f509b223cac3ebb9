// SPDX-License-Identifier: Apache-2.0
// Times of lines: written ahead of them, and taken away.
#include "hv/supervise/console_log.h"

#include <algorithm>

#include "hv/core/utc_time.h"

namespace hv {

namespace {

constexpr std::size_t stamp_size = utc_text_size + 1;

}  // namespace

Result<ConsoleLog> ConsoleLog::open(const std::string& path) {
    TRY(BoundedLog log, BoundedLog::open(path));
    const std::string last = read_log_tail(path, 1);
    return ConsoleLog(std::move(log), last.empty() || last == "\n");
}

void ConsoleLog::append(std::string_view text, std::int64_t now_ms) {
    const std::string stamp = utc_text(now_ms) + ' ';
    std::string stamped;
    while (!text.empty()) {
        const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
        if (at_line_begin_) stamped += stamp;
        stamped += text.substr(0, size);
        at_line_begin_ = text[size - 1] == '\n';
        text.remove_prefix(size);
    }
    log_.append(stamped);
}

std::string ConsoleLog::tail(std::uint64_t limit) const {
    // Times make lines longer, short ones the most: more is read than is needed.
    constexpr std::uint64_t factor = 4, least = 4096;
    std::string stamped = log_.tail(factor * limit + least);
    std::string text = ConsoleLogReader({}).take(stamped);
    if (text.size() <= limit) return text;
    text.erase(0, text.size() - limit);
    const std::size_t newline = text.find('\n');
    return newline == std::string::npos ? text : text.substr(newline + 1);
}

std::string ConsoleLogReader::take(std::string& text) {
    std::string shown;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t newline = text.find('\n', at);
        const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
        if (at_line_begin_) {
            // The time of a line that has just begun is not complete.
            if (newline == std::string::npos && end - at < stamp_size) break;
            if (const auto time = parse_utc_text(std::string_view(text).substr(at, end - at))) {
                shown_ = *time >= options_.since_ms;
                if (!options_.with_times) at += stamp_size;
            }
        }
        if (shown_) shown.append(text, at, end - at);
        at_line_begin_ = newline != std::string::npos;
        at = end;
    }
    text.erase(0, at);
    return shown;
}

}  // namespace hv
