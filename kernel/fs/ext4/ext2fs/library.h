// SPDX-License-Identifier: Apache-2.0
// libext2fs, as C++ includes it.
#pragma once

extern "C" {
#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>
}
