// SPDX-License-Identifier: Apache-2.0
// Device control: the few requests that programs use, with Linux's numbers.
#ifndef TENON_SYS_IOCTL_H
#define TENON_SYS_IOCTL_H

#ifdef __cplusplus
extern "C" {
#endif

#define TIOCGWINSZ 0x5413
#define FIONREAD 0x541B
#define FIONBIO 0x5421
#define FIONCLEX 0x5450
#define FIOCLEX 0x5451

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
