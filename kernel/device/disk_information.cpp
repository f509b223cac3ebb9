// SPDX-License-Identifier: Apache-2.0
// The registered list of disks.
#include "kernel/device/disk_information.h"

#include <atomic>

namespace tenon {

namespace {
constinit std::atomic<DiskList*> registered = nullptr;
}

void register_disk_list(DiskList& list) { registered.store(&list); }
DiskList* disk_list() { return registered.load(); }

}  // namespace tenon
