// SPDX-License-Identifier: Apache-2.0
// A machine's disks.
#include "hv/machine/disks.h"

#include <fmt/format.h>

#include "hv/core/log.h"
#include "hv/devices/blk/blk.h"
#include "hv/devices/blk/sync_engine.h"

namespace hv {

Result<> Disks::open(EventLoop& loop, const std::vector<DriveConfig>& drives,
                     std::vector<std::unique_ptr<Device>>& devices) {
    std::vector<DiskImage> images;
    std::vector<int> ring_files;
    for (const DriveConfig& drive : drives) {
        TRY(DiskImage image, DiskImage::open(drive.path, drive.read_only));
        if (!drive.discard) image.discards = false;
        if (drive.engine == DriveConfig::Engine::asynchronous) ring_files.push_back(image.file.get());
        images.push_back(std::move(image));
    }
    if (!ring_files.empty()) {
        if (auto ring = IoRing::create(loop, ring_files))
            ring_ = std::move(*ring);
        else
            log_line(fmt::format(
                "disks: this host has no io_uring for hv ({}): requests are served one after the other, which "
                "is slower (sysctl kernel.io_uring_disabled=0)",
                ring.error().message));
    }
    std::uint32_t ring_index = 0;
    for (std::size_t i = 0; i < drives.size(); ++i) {
        std::unique_ptr<IoEngine> engine;
        if (ring_ && drives[i].engine == DriveConfig::Engine::asynchronous)
            engine = ring_->engine(ring_index++);
        else
            engine = std::make_unique<SyncEngine>(images[i].file.get());
        auto disk = std::make_unique<BlkDevice>(loop, static_cast<std::uint32_t>(i), std::move(images[i]),
                                                std::move(engine), drives[i].drive_id);
        disk->limit(drives[i].limits);
        list_.push_back(disk.get());
        devices.push_back(std::move(disk));
    }
    return {};
}

}  // namespace hv
