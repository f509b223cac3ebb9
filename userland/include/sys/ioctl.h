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

/* Of disks. Sizes in bytes, but for BLKGETSIZE, which counts sectors of 512 bytes. */
#define BLKROGET 0x125E         /* int: it is read-only */
#define BLKGETSIZE 0x1260       /* unsigned long */
#define BLKFLSBUF 0x1261        /* no argument: flushes */
#define BLKSSZGET 0x1268        /* int: block */
#define BLKBSZGET 0x80081270    /* int: block */
#define BLKGETSIZE64 0x80081272 /* uint64_t */
#define BLKDISCARD 0x1277       /* uint64_t[2]: offset and size */
#define BLKIOMIN 0x1278         /* unsigned: smallest efficient transfer */
#define BLKIOOPT 0x1279         /* unsigned: best transfer; 0 = not known */
#define BLKALIGNOFF 0x127A      /* int: where the first physical block begins */
#define BLKPBSZGET 0x127B       /* unsigned: physical block */
#define BLKDISCARDZEROES 0x127C /* unsigned: 0, as in Linux */
#define BLKSECDISCARD 0x127D    /* uint64_t[2] */
#define BLKZEROOUT 0x127F       /* uint64_t[2]: offset and size */

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
