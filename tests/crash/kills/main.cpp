// SPDX-License-Identifier: Apache-2.0
// Two threads change files and say what has been acknowledged, until the machine is killed: one appends numbered lines
// to /data/log, each with fsync(); one replaces /data/current by rename(). At first it says what is there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace {

constexpr char log_path[] = "/data/log", current_path[] = "/data/current", new_path[] = "/data/current.new";
constexpr std::size_t line_size = 16;  // "000000000000001\n"

[[noreturn]] void fail(const char* what) {
    std::printf("failed: %s: %s\n", what, std::strerror(errno));
    std::fflush(stdout);
    _exit(1);
}

void format_line(char (&line)[line_size + 1], unsigned long number) {
    std::snprintf(line, sizeof(line), "%015lu\n", number);
}

/// A line in one call, so that those of two threads do not mix.
void say(const char* what, unsigned long number) {
    char text[64];
    const int size = std::snprintf(text, sizeof(text), "%s %lu\n", what, number);
    if (write(STDOUT_FILENO, text, static_cast<std::size_t>(size)) != size) _exit(1);
}

/// How many lines there are; they must be whole and in order.
unsigned long lines_in_log() {
    const int file = open(log_path, O_RDONLY);
    if (file < 0) return 0;
    unsigned long count = 0;
    char wanted[line_size + 1], got[line_size];
    for (ssize_t size; (size = read(file, got, line_size)) != 0; ++count) {
        format_line(wanted, count + 1);
        if (size != line_size || std::memcmp(got, wanted, line_size) != 0) fail("a line of the log is wrong");
    }
    close(file);
    return count;
}

unsigned long number_in(const char* path) {
    const int file = open(path, O_RDONLY);
    if (file < 0) return 0;
    char text[line_size + 1]{}, wanted[line_size + 1];
    if (read(file, text, line_size) != line_size) fail("current is not whole");
    const unsigned long number = std::strtoul(text, nullptr, 10);
    format_line(wanted, number);
    if (std::memcmp(text, wanted, line_size) != 0) fail("current is wrong");
    close(file);
    return number;
}

void append(unsigned long number) {
    const int file = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) fail("open the log");
    for (;;) {
        char line[line_size + 1];
        format_line(line, ++number);
        if (write(file, line, line_size) != line_size || fsync(file) != 0) fail("append");
        say("log", number);
    }
}

void replace(unsigned long number) {
    const int directory = open("/data", O_RDONLY | O_DIRECTORY);
    if (directory < 0) fail("open /data");
    for (;;) {
        char line[line_size + 1];
        format_line(line, ++number);
        const int file = open(new_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (file < 0 || write(file, line, line_size) != line_size || fsync(file) != 0 || close(file) != 0)
            fail("write current.new");
        if (rename(new_path, current_path) != 0 || fsync(directory) != 0) fail("rename");
        say("current", number);
    }
}

}  // namespace

int main() {
    const unsigned long lines = lines_in_log(), current = number_in(current_path);
    say("has log", lines);
    say("has current", current);
    std::thread appending(append, lines);
    replace(current);
}
