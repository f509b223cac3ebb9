// SPDX-License-Identifier: Apache-2.0
// syslog: lines on the console.
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "kernel/console/console.h"
#include "kernel/sched/sync.h"

namespace {

constexpr std::size_t line_size = 1024;

tenon::Mutex lock;
// Under `lock`.
const char* log_name = nullptr;
int log_options = 0;
int log_mask = LOG_UPTO(LOG_DEBUG);

constexpr const char* levels[] = {"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"};

/// The format with the text of `code` for each %m. Percent signs in the text are doubled; what does not fit is cut.
void expand(const char* format, int code, char (&result)[line_size]) {
    std::size_t size = 0;
    const auto put = [&](char letter) {
        if (size + 1 < line_size) result[size++] = letter;
    };
    for (; *format != '\0'; ++format) {
        if (format[0] == '%' && format[1] == 'm') {
            ++format;
            for (const char* text = std::strerror(code); *text != '\0'; ++text) {
                if (*text == '%') put('%');
                put(*text);
            }
            continue;
        }
        put(*format);
        // Of a pair of percent signs the second one begins nothing.
        if (format[0] == '%' && format[1] != '\0') put(*++format);
    }
    result[size] = '\0';
}

}  // namespace

extern "C" {

void openlog(const char* name, int options, int) {
    lock.lock();
    log_name = name;
    log_options = options;
    lock.unlock();
}

void closelog() { openlog(nullptr, 0, 0); }

int setlogmask(int mask) {
    lock.lock();
    const int before = log_mask;
    if (mask != 0) log_mask = mask;
    lock.unlock();
    return before;
}

void vsyslog(int priority, const char* format, va_list arguments) {
    const int code = errno;
    lock.lock();
    const bool is_wanted = (log_mask & LOG_MASK(LOG_PRI(priority))) != 0;
    const char* name = log_name != nullptr ? log_name : "syslog";
    const bool with_process = (log_options & LOG_PID) != 0;
    lock.unlock();
    if (!is_wanted) return;
    char expanded[line_size], line[line_size];
    expand(format, code, expanded);
    int size = with_process ? std::snprintf(line, sizeof(line), "%s[%d]: %s: ", name, static_cast<int>(getpid()),
                                            levels[LOG_PRI(priority)])
                            : std::snprintf(line, sizeof(line), "%s: %s: ", name, levels[LOG_PRI(priority)]);
    if (size < 0 || static_cast<std::size_t>(size) + 1 >= sizeof(line)) size = 0;
    std::vsnprintf(line + size, sizeof(line) - static_cast<std::size_t>(size) - 1, expanded, arguments);
    std::string_view text(line);
    while (text.ends_with('\n')) text.remove_suffix(1);
    line[text.size()] = '\n';
    tenon::console_write({line, text.size() + 1});
    errno = code;
}

void syslog(int priority, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsyslog(priority, format, arguments);
    va_end(arguments);
}

}  // extern "C"
