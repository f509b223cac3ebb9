// SPDX-License-Identifier: Apache-2.0
// /dev: the console, Linux's small devices, and disks.
#pragma once

#include "kernel/device/block_device.h"
#include "kernel/fs/file_system.h"
#include "userland/posix/file.h"

namespace tenon::posix {

/// Mounts it, at the first call. Error: EBUSY, never for the first.
void mount_devices();

/// Opens a device's inode; null if there is no memory. Only /dev has such inodes.
[[nodiscard]] File* open_device(Inode& device, int flags);

}  // namespace tenon::posix
