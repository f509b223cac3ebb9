// SPDX-License-Identifier: Apache-2.0
// Settings of the console as a terminal: kept, and without effect.
#include <termios.h>
#include <unistd.h>

#include "kernel/trap/spin_lock.h"
#include "userland/posix/descriptors.h"

namespace tenon::posix {

namespace {

constexpr termios first_settings() {
    termios settings = {};
    settings.c_iflag = ICRNL | IXON;
    settings.c_oflag = OPOST | ONLCR;
    settings.c_cflag = B38400 | CS8 | CREAD | HUPCL;
    settings.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN;
    settings.c_cc[VINTR] = 3;
    settings.c_cc[VQUIT] = 28;
    settings.c_cc[VERASE] = 127;
    settings.c_cc[VKILL] = 21;
    settings.c_cc[VEOF] = 4;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VSTART] = 17;
    settings.c_cc[VSTOP] = 19;
    settings.c_cc[VSUSP] = 26;
    settings.c_ispeed = settings.c_ospeed = B38400;
    return settings;
}
constinit Locked<termios> console_settings("terminal", first_settings());

/// Errors: EBADF, ENOTTY.
Outcome<> check_terminal(int fd) {
    TRY(FileReference file, file_of(fd));
    if (!file->is_terminal()) return fail_with(ENOTTY);
    return {};
}

Outcome<> set(int fd, int when, const termios* attributes) {
    CHECK(check_terminal(fd));
    if (when < TCSANOW || when > TCSAFLUSH) return fail_with(EINVAL);
    console_settings.with([=](termios& settings) { settings = *attributes; });
    return {};
}

}  // namespace

extern "C" {

int tcgetattr(int fd, termios* attributes) {
    const auto checked = check_terminal(fd);
    if (checked) *attributes = console_settings.with([](const termios& settings) { return settings; });
    return answer(checked);
}
int tcsetattr(int fd, int when, const termios* attributes) { return answer(set(fd, when, attributes)); }
int tcdrain(int fd) {
    const auto checked = check_terminal(fd);
    return checked ? fsync(fd) : answer(checked);
}
int tcflow(int fd, int) { return answer(check_terminal(fd)); }
int tcflush(int fd, int) { return answer(check_terminal(fd)); }
int tcsendbreak(int fd, int) { return answer(check_terminal(fd)); }
speed_t cfgetispeed(const termios* attributes) { return attributes->c_ispeed; }
speed_t cfgetospeed(const termios* attributes) { return attributes->c_ospeed; }
int cfsetispeed(termios* attributes, speed_t speed) {
    attributes->c_ispeed = speed;
    return 0;
}
int cfsetospeed(termios* attributes, speed_t speed) {
    attributes->c_ospeed = speed;
    return 0;
}
int cfsetspeed(termios* attributes, speed_t speed) {
    attributes->c_ispeed = attributes->c_ospeed = speed;
    return 0;
}
void cfmakeraw(termios* attributes) {
    attributes->c_iflag &= ~tcflag_t{IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON};
    attributes->c_oflag &= ~tcflag_t{OPOST};
    attributes->c_lflag &= ~tcflag_t{ECHO | ECHONL | ICANON | ISIG | IEXTEN};
    attributes->c_cflag = (attributes->c_cflag & ~tcflag_t{CSIZE | PARENB}) | CS8;
    attributes->c_cc[VMIN] = 1;
    attributes->c_cc[VTIME] = 0;
}

}  // extern "C"

}  // namespace tenon::posix
