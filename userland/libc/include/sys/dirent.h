// SPDX-License-Identifier: Apache-2.0
// A directory entry: Newlib leaves it to the system. DIR is the file layer's own.
#ifndef TENON_SYS_DIRENT_H
#define TENON_SYS_DIRENT_H

#include <sys/types.h>

typedef struct __tenon_directory DIR;

struct dirent {
    ino_t d_ino;
    unsigned char d_type;
    char d_name[256];
};

// The kinds of d_type, with the values that BSD and Linux give them.
#define _DIRENT_HAVE_D_TYPE 1
#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12

#endif
