// SPDX-License-Identifier: Apache-2.0
// Commands about file systems and disks.
#include "tools-agent/commands/all.h"

namespace tenon::tools {

Reply get_file_systems(Context& context, const Json&) {
    Json list = Json::array();
    for (const FileSystemInformation& system : context.guest.file_systems())
        list.push_back({{"name", system.name},
                        {"mountpoint", system.mount_point},
                        {"type", system.type},
                        {"used-bytes", system.used_bytes},
                        {"total-bytes", system.total_bytes},
                        {"disk", Json::array()}});
    return list;
}

Reply get_disks(Context& context, const Json&) {
    Json list = Json::array();
    for (const DiskInformation& disk : context.guest.disks())
        list.push_back({{"name", disk.name.data()}, {"partition", false}});
    return list;
}

Reply get_disk_statistics(Context& context, const Json&) {
    Json list = Json::array();
    std::uint32_t number = 0;
    for (const DiskInformation& disk : context.guest.disks())
        list.push_back({{"name", disk.name.data()},
                        {"major", 0},
                        {"minor", number++},
                        {"stats",
                         {{"read-sectors", disk.read_sectors},
                          {"read-ios", disk.read_operations},
                          {"write-sectors", disk.write_sectors},
                          {"write-ios", disk.write_operations},
                          {"flush-ios", disk.flush_operations},
                          {"ios-pgr", disk.in_progress}}}});
    return list;
}

}  // namespace tenon::tools
