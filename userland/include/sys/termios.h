// SPDX-License-Identifier: Apache-2.0
// Terminals (IEEE Std 1003.1-2017, <termios.h>): Newlib's termios.h includes this. Values are those of Linux.
#ifndef TENON_SYS_TERMIOS_H
#define TENON_SYS_TERMIOS_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned char cc_t;
typedef unsigned int speed_t;
typedef unsigned int tcflag_t;

#define NCCS 32
struct termios {
    tcflag_t c_iflag;
    tcflag_t c_oflag;
    tcflag_t c_cflag;
    tcflag_t c_lflag;
    cc_t c_line;
    cc_t c_cc[NCCS];
    speed_t c_ispeed;
    speed_t c_ospeed;
};

#define VINTR 0
#define VQUIT 1
#define VERASE 2
#define VKILL 3
#define VEOF 4
#define VTIME 5
#define VMIN 6
#define VSTART 8
#define VSTOP 9
#define VSUSP 10
#define VEOL 11

#define IGNBRK 0001
#define BRKINT 0002
#define IGNPAR 0004
#define PARMRK 0010
#define INPCK 0020
#define ISTRIP 0040
#define INLCR 0100
#define IGNCR 0200
#define ICRNL 0400
#define IXON 02000
#define IXANY 04000
#define IXOFF 010000

#define OPOST 0001
#define ONLCR 0004
#define OCRNL 0010

#define CSIZE 0060
#define CS5 0000
#define CS6 0020
#define CS7 0040
#define CS8 0060
#define CSTOPB 0100
#define CREAD 0200
#define PARENB 0400
#define PARODD 01000
#define HUPCL 02000
#define CLOCAL 04000

#define ISIG 0001
#define ICANON 0002
#define ECHO 0010
#define ECHOE 0020
#define ECHOK 0040
#define ECHONL 0100
#define NOFLSH 0200
#define TOSTOP 0400
#define IEXTEN 0100000

#define B0 0000000
#define B9600 0000015
#define B19200 0000016
#define B38400 0000017
#define B57600 0010001
#define B115200 0010002

#define TCOOFF 0
#define TCOON 1
#define TCIOFF 2
#define TCION 3
#define TCIFLUSH 0
#define TCOFLUSH 1
#define TCIOFLUSH 2
#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2

/// The console alone is a terminal; what is set is kept and told, and changes nothing: hv's terminal edits lines. 0, or
/// -1 with errno: EBADF, ENOTTY, EINVAL.
int tcgetattr(int fd, struct termios* attributes);
int tcsetattr(int fd, int when, const struct termios* attributes);
int tcdrain(int fd);
int tcflow(int fd, int action);
int tcflush(int fd, int queue);
int tcsendbreak(int fd, int duration);
speed_t cfgetispeed(const struct termios* attributes);
speed_t cfgetospeed(const struct termios* attributes);
int cfsetispeed(struct termios* attributes, speed_t speed);
int cfsetospeed(struct termios* attributes, speed_t speed);
int cfsetspeed(struct termios* attributes, speed_t speed);
void cfmakeraw(struct termios* attributes);

#ifdef __cplusplus
}
#endif

#endif
