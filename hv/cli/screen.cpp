// SPDX-License-Identifier: Apache-2.0
// Drawing by the control sequences of ECMA-48 (and xterm's 1049, the other screen).
#include "hv/cli/screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "hv/cli/output.h"
#include "hv/core/printable.h"

namespace hv {

namespace {

constexpr char enter_screen[] = "\033[?1049h", leave_screen[] = "\033[?1049l";
constexpr char home[] = "\033[H", clear_line_end[] = "\033[K", clear_below[] = "\033[J";

winsize window() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {24, 80, 0, 0};
    return size;
}

}  // namespace

Screen::Screen() : has_keys_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
    sigprocmask(SIG_BLOCK, &ending, &mask_before_);
    signals_ = FileDescriptor(signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
    if (has_keys_) {
        termios mode = before_;
        mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        // A stopped command would leave the terminal as it is now.
        mode.c_cc[VSUSP] = _POSIX_VDISABLE;
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    static_cast<void>(print(enter_screen));
}

Screen::~Screen() {
    static_cast<void>(print(leave_screen));
    if (has_keys_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    // A signal that was taken here is not to end the process on the way out.
    signalfd_siginfo taken{};
    while (read(signals_.get(), &taken, sizeof taken) > 0) {
    }
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::size_t Screen::rows() const { return window().ws_row; }

Result<> Screen::draw(std::string_view text) const {
    const winsize size = window();
    std::string frame = home;
    for (std::size_t row = 0; row < size.ws_row && !text.empty(); ++row) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        // A line feed behind the last row would scroll.
        if (row != 0) frame += '\n';
        frame += cut_text(text.substr(0, end), size.ws_col);
        frame += clear_line_end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return print(frame + clear_below);
}

Screen::Input Screen::wait(Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        std::array<pollfd, 2> waits = {pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                       pollfd{.fd = has_keys_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}};
        const int ready = poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (ready > 0 && waits[0].revents != 0) return {Event::ended};
        if (ready > 0 && waits[1].revents != 0) return read_key();
        if (Clock::now() >= deadline) return {Event::time};
    }
}

Screen::Input Screen::read_key() {
    char key = 0;
    // A terminal that has gone.
    if (read(STDIN_FILENO, &key, 1) != 1) return {Event::ended};
    return {Event::key, key};
}

}  // namespace hv
