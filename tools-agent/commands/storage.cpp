// SPDX-License-Identifier: Apache-2.0
// Commands about file systems and disks.
#include "tools-agent/commands/all.h"

namespace tenon::tools {

namespace {

bool is_partition(const DiskInformation& disk) { return disk.whole[0] != '\0'; }
std::string path_of(const std::array<char, 16>& name) { return std::string("/dev/") + name.data(); }

/// The controller's location on PCI is unknown, for which the protocol has -1.
Json address_of(const DiskInformation& disk) {
    return {{"pci-controller", {{"domain", -1}, {"bus", -1}, {"slot", -1}, {"function", -1}}},
            {"bus-type", "virtio"},
            {"bus", 0},
            {"target", 0},
            {"unit", 0},
            {"dev", path_of(disk.name)}};
}

}  // namespace

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
    for (const DiskInformation& disk : context.guest.disks()) {
        Json entry{{"name", path_of(disk.name)}, {"partition", is_partition(disk)}, {"dependencies", Json::array()}};
        if (is_partition(disk))
            entry["dependencies"].push_back(path_of(disk.whole));
        else
            entry["address"] = address_of(disk);
        list.push_back(std::move(entry));
    }
    return list;
}

Reply get_disk_statistics(Context& context, const Json&) {
    Json list = Json::array();
    std::uint32_t number = 0;
    for (const DiskInformation& disk : context.guest.disks()) {
        constexpr std::uint64_t millisecond = 1'000'000;
        Json counted{{"read-sectors", disk.read_sectors},
                     {"read-ios", disk.read_operations},
                     {"write-sectors", disk.write_sectors},
                     {"write-ios", disk.write_operations},
                     {"flush-ios", disk.flush_operations}};
        if (!is_partition(disk))
            counted.update({{"ios-pgr", disk.in_progress},
                            {"read-ticks", disk.read_ns / millisecond},
                            {"write-ticks", disk.write_ns / millisecond},
                            {"flush-ticks", disk.flush_ns / millisecond}});
        list.push_back({{"name", disk.name.data()}, {"major", 0}, {"minor", number++}, {"stats", std::move(counted)}});
    }
    return list;
}

}  // namespace tenon::tools
