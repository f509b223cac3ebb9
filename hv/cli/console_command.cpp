// SPDX-License-Identifier: Apache-2.0
// hv console: a terminal at a detached machine's console.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "hv/cli/commands.h"
#include "hv/core/log.h"
#include "hv/core/unix_socket.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/machine_life.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

struct ConsoleOptions {
    std::string name;
    std::string run_directory;
    bool read_only = false;
    bool raw = false;
};

constexpr char detach_key = 0x1D;  // Ctrl-]

/// How the terminal is while it is the guest's; it is as before when this goes, or when a signal ends hv. By lines: a
/// guest of Tenon echoes nothing and knows no line editing, so the terminal does both; the detach key ends a line, and
/// so is heard at once. Raw: every key goes to the guest as it is, Ctrl-C among them.
class TerminalMode {
public:
    TerminalMode(bool terminal, bool raw) : active_(terminal && tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!active_) return;
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
            if (signal(number, restore_and_end) == SIG_IGN) signal(number, SIG_IGN);
        termios mode = before_;
        if (raw) {
            mode.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON);
            mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
        } else {
            mode.c_cc[VEOL] = detach_key;
        }
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    ~TerminalMode() {
        if (active_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    TerminalMode(const TerminalMode&) = delete;
    TerminalMode& operator=(const TerminalMode&) = delete;

private:
    static void restore_and_end(int number) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        signal(number, SIG_DFL);
        raise(number);
    }

    static inline termios before_{};
    bool active_;
};

bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) return false;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
    return true;
}

bool write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) return false;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

/// Keys to the machine. False: the detach key. The end of a file is not the end of reading.
bool send_keys(int socket, bool& input_open) {
    std::array<char, 1024> keys;
    const ssize_t size = read(STDIN_FILENO, keys.data(), keys.size());
    if (size <= 0) {
        input_open = false;
        return true;
    }
    const std::string_view text(keys.data(), static_cast<std::size_t>(size));
    const std::size_t detach = text.find(detach_key);
    return send_all(socket, text.substr(0, detach)) && detach == std::string_view::npos;
}

/// Both ways until the machine ends (true), or the user leaves.
bool relay(int socket) {
    bool input_open = true;
    std::array<char, 16384> buffer;
    for (;;) {
        pollfd pollers[] = {{.fd = socket, .events = POLLIN, .revents = 0},
                            {.fd = input_open ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}};
        if (poll(pollers, std::size(pollers), -1) < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        if (pollers[0].revents != 0) {
            const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
            if (size <= 0) return true;
            if (!write_all({buffer.data(), static_cast<std::size_t>(size)})) return false;
        }
        // A reader's keys are read as well: the detach key is one of them. The hub drops the others.
        if (pollers[1].revents != 0 && !send_keys(socket, input_open)) return false;
    }
}

Result<int> console_command(const ConsoleOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(MachineEnd end, MachineEnd::of(base, options.name));
    auto socket = connect_to_unix_socket(base.path_of(options.name) + "/" + console_socket);
    if (!socket && socket.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::not_found, fmt::format("machine '{}': {}", options.name,
                                                      end.wait(0) ? "it has ended (hv logs)"
                                                                  : "its console is the terminal in which it was "
                                                                    "started (hv run -d makes one to attach to)"));
    if (!socket) return std::unexpected(std::move(socket).error());
    char answer = options.read_only ? 'r' : 'w';
    if (!send_all(socket->get(), {&answer, 1}) || recv(socket->get(), &answer, 1, MSG_WAITALL) != 1)
        return fail(ErrorKind::in_use,
                    fmt::format("machine '{}': too many terminals are attached to its console", options.name));
    if (answer == 'r' && !options.read_only)
        log_line("another terminal writes to this console, so this one only reads (Ctrl-] leaves)");
    bool ended = false;
    {
        const TerminalMode mode(isatty(STDIN_FILENO) != 0, options.raw);
        ended = relay(socket->get());
    }
    log_line(fmt::format("machine '{}': {}", options.name, ended ? "its console is closed" : "detached"));
    return 0;
}

}  // namespace

CommandAction add_console(Command& console, std::uint64_t) {
    const auto options = std::make_shared<ConsoleOptions>();
    console.option("NAME", options->name, "The machine, started by hv run -d").required();
    console.flag("--read-only", options->read_only, "Only read, also if no other terminal writes");
    console.flag("--raw", options->raw, "Every key as it is typed, for a guest that echoes and edits lines itself");
    console.footer("Ctrl-] leaves. One terminal can write at a time; the others only read.");
    console.run_directory(options->run_directory);
    return [options] { return console_command(*options); };
}

}  // namespace hv
