// SPDX-License-Identifier: Apache-2.0
// Device control: the few requests that programs use, with Linux's numbers.
#ifndef TENON_SYS_IOCTL_H
#define TENON_SYS_IOCTL_H

#ifdef __cplusplus
extern "C" {
#endif

#define TIOCOUTQ 0x5411
#define TIOCGWINSZ 0x5413
#define SIOCOUTQ TIOCOUTQ
#define SIOCINQ FIONREAD
#define FIONREAD 0x541B
#define FIONBIO 0x5421
#define FIONCLEX 0x5450
#define FIOCLEX 0x5451

#define SIOCATMARK 0x8905

/* Of network interfaces (netdevice(7)). */
#define SIOCGIFNAME 0x8910
#define SIOCGIFCONF 0x8912
#define SIOCGIFFLAGS 0x8913
#define SIOCSIFFLAGS 0x8914
#define SIOCGIFADDR 0x8915
#define SIOCSIFADDR 0x8916
#define SIOCGIFDSTADDR 0x8917
#define SIOCGIFBRDADDR 0x8919
#define SIOCGIFNETMASK 0x891B
#define SIOCSIFNETMASK 0x891C
#define SIOCGIFMETRIC 0x891D
#define SIOCGIFMTU 0x8921
#define SIOCSIFMTU 0x8922
#define SIOCGIFHWADDR 0x8927
#define SIOCGIFINDEX 0x8933
#define SIOCGIFTXQLEN 0x8942

/* Of disks: bytes (a uint64_t), bytes of a block (an int), whether it is read-only (an int). */
#define BLKROGET 0x125E
#define BLKSSZGET 0x1268
#define BLKGETSIZE64 0x80081272

struct winsize {
    unsigned short ws_row;
    unsigned short ws_col;
    unsigned short ws_xpixel;
    unsigned short ws_ypixel;
};

int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
