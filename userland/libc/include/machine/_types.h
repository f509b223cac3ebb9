// SPDX-License-Identifier: Apache-2.0
// Widths of the file system's types: Newlib's defaults are 16 bits, which cut inode numbers and users.
#ifndef TENON_MACHINE_TYPES_H
#define TENON_MACHINE_TYPES_H

#include_next <machine/_types.h>

typedef unsigned long __dev_t;
#define __machine_dev_t_defined
typedef unsigned long __ino_t;
#define __machine_ino_t_defined
typedef unsigned int __uid_t;
#define __machine_uid_t_defined
typedef unsigned int __gid_t;
#define __machine_gid_t_defined
typedef __uint64_t __fsfilcnt_t;
#define __machine_fsfilcnt_t_defined

#endif
