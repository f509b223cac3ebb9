// SPDX-License-Identifier: Apache-2.0
// Disks and their statistics, for the agent.
#include <cstring>

#include "kernel/base/init_step.h"
#include "kernel/device/block_device.h"
#include "kernel/device/disk_information.h"

namespace tenon {
namespace {

constexpr std::uint64_t sector = 512;

class BlockDeviceList final : public DiskList {
public:
    std::size_t disks(std::span<DiskInformation> list) override {
        std::size_t count = 0;
        for_each_block_device([&](BlockDevice& device) {
            if (count < list.size()) list[count++] = information_of(device);
        });
        return count;
    }

private:
    static DiskInformation information_of(BlockDevice& device) {
        const BlockStatistics now = device.statistics();
        DiskInformation information{.name = {},
                                    .whole = {},
                                    .read_sectors = now.read_bytes / sector,
                                    .read_operations = now.reads,
                                    .write_sectors = now.written_bytes / sector,
                                    .write_operations = now.writes,
                                    .flush_operations = now.flushes,
                                    .in_progress = now.under_way,
                                    .read_ns = now.read_ns,
                                    .write_ns = now.write_ns,
                                    .flush_ns = now.flush_ns};
        std::memcpy(information.name.data(), device.name(), std::strlen(device.name()));
        if (const char* whole = device.disk().name(); &device.disk() != &device)
            std::memcpy(information.whole.data(), whole, std::strlen(whole));
        return information;
    }
};
constinit BlockDeviceList the_list;

void disk_information() { register_disk_list(the_list); }
TENON_INIT_STEP(filesystems, disk_information);

}  // namespace
}  // namespace tenon
