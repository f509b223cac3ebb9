// SPDX-License-Identifier: Apache-2.0
// A machine's disks: from the configuration to devices.
#pragma once

#include <memory>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/devices/blk/blk.h"
#include "hv/devices/blk/io_ring.h"
#include "hv/devices/device.h"
#include "hv/machine/config.h"

namespace hv {

/// The common part of all disks, which outlives the devices. A machine without disks does not make it.
class Disks {
public:
    /// Opens and locks the images of `drives`, and adds a device for
    /// each to `devices`. `loop` outlives them. A host that forbids io_uring gets a notice. Errors: those of
    /// DiskImage::open.
    Result<> open(EventLoop& loop, const std::vector<DriveConfig>& drives,
                  std::vector<std::unique_ptr<Device>>& devices);

    /// The descriptor of the ring for hv's confinement; -1 = there is none.
    [[nodiscard]] int ring() const { return ring_ ? ring_->fd() : -1; }

    /// The devices, in the order of the drives.
    [[nodiscard]] const std::vector<BlkDevice*>& list() const { return list_; }

private:
    std::unique_ptr<IoRing> ring_;
    std::vector<BlkDevice*> list_;
};

}  // namespace hv
