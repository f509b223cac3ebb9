// SPDX-License-Identifier: Apache-2.0
// The configuration of libext2fs, in place of its configure's: what the library's sources ask of the system. It does no
// I/O of its own (Tenon brings the io_manager), so it needs the C library only.
#pragma once

// No messages of the library's own.
#define OMIT_COM_ERR 1
#define HAVE_ERRNO_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_STDINT_H 1
#define HAVE_STDIO_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRING_H 1
#define HAVE_STRINGS_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_UNISTD_H 1
#define HAVE_SNPRINTF 1
#define HAVE_SRANDOM 1
#define HAVE_STRNLEN 1
#define HAVE_TYPE_SSIZE_T 1
#define HAVE_INTPTR_T 1

#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 8
#define SIZEOF_LONG_LONG 8
#define SIZEOF_OFF_T 8
#define SIZEOF_TIME_T 8

// The red-black trees of bitmaps are GPL's: a bit array takes their place wherever the library would choose one.
#define ext2fs_blkmap64_rbtree ext2fs_blkmap64_bitarray
