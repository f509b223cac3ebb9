// SPDX-License-Identifier: Apache-2.0
// Naming virtio's devices and features.
#include "virtio_features.h"

#include <algorithm>
#include <span>

namespace pvbench {

namespace {

struct Name {
    unsigned bit;
    const char* name;
};

constexpr Name net[] = {{0, "CSUM"},
                        {1, "GUEST_CSUM"},
                        {2, "CTRL_GUEST_OFFLOADS"},
                        {3, "MTU"},
                        {5, "MAC"},
                        {7, "GUEST_TSO4"},
                        {8, "GUEST_TSO6"},
                        {9, "GUEST_ECN"},
                        {10, "GUEST_UFO"},
                        {11, "HOST_TSO4"},
                        {12, "HOST_TSO6"},
                        {13, "HOST_ECN"},
                        {14, "HOST_UFO"},
                        {15, "MRG_RXBUF"},
                        {16, "STATUS"},
                        {17, "CTRL_VQ"},
                        {18, "CTRL_RX"},
                        {19, "CTRL_VLAN"},
                        {21, "GUEST_ANNOUNCE"},
                        {22, "MQ"},
                        {23, "CTRL_MAC_ADDR"},
                        {54, "GUEST_USO4"},
                        {55, "GUEST_USO6"},
                        {56, "HOST_USO"},
                        {57, "HASH_REPORT"},
                        {59, "GUEST_HDRLEN"},
                        {60, "RSS"},
                        {61, "RSC_EXT"},
                        {62, "STANDBY"},
                        {63, "SPEED_DUPLEX"}};
constexpr Name blk[] = {{1, "SIZE_MAX"},      {2, "SEG_MAX"},   {4, "GEOMETRY"},     {5, "RO"},  {6, "BLK_SIZE"},
                        {9, "FLUSH"},         {10, "TOPOLOGY"}, {11, "CONFIG_WCE"},  {12, "MQ"}, {13, "DISCARD"},
                        {14, "WRITE_ZEROES"}, {15, "LIFETIME"}, {16, "SECURE_ERASE"}};
constexpr Name console[] = {{0, "SIZE"}, {1, "MULTIPORT"}, {2, "EMERG_WRITE"}};
constexpr Name balloon[] = {{0, "MUST_TELL_HOST"}, {1, "STATS_VQ"},    {2, "DEFLATE_ON_OOM"},
                            {3, "FREE_PAGE_HINT"}, {4, "PAGE_POISON"}, {5, "PAGE_REPORTING"}};
constexpr Name ring[] = {{24, "NOTIFY_ON_EMPTY"}, {27, "ANY_LAYOUT"},        {28, "INDIRECT_DESC"},
                         {29, "EVENT_IDX"},       {32, "VERSION_1"},         {33, "ACCESS_PLATFORM"},
                         {34, "RING_PACKED"},     {35, "IN_ORDER"},          {36, "ORDER_PLATFORM"},
                         {37, "SR_IOV"},          {38, "NOTIFICATION_DATA"}, {39, "NOTIF_CONFIG_DATA"},
                         {40, "RING_RESET"}};

struct Kind {
    std::uint32_t device_id;
    const char* name;
    std::span<const Name> features;
};

constexpr Kind kinds[] = {{1, "net", net},         {2, "blk", blk},   {3, "console", console}, {4, "rng", {}},
                          {5, "balloon", balloon}, {8, "scsi", {}},   {9, "9p", {}},           {16, "gpu", {}},
                          {18, "input", {}},       {19, "vsock", {}}, {26, "fs", {}},          {27, "pmem", {}}};

const Kind* find_kind(std::uint32_t device_id) {
    const auto kind = std::ranges::find(kinds, device_id, &Kind::device_id);
    return kind == std::end(kinds) ? nullptr : kind;
}

const char* find_name(std::span<const Name> names, unsigned bit) {
    const auto name = std::ranges::find(names, bit, &Name::bit);
    return name == names.end() ? nullptr : name->name;
}

}  // namespace

std::string device_kind(std::uint32_t device_id) {
    const Kind* kind = find_kind(device_id);
    return kind != nullptr ? kind->name : "device " + std::to_string(device_id);
}

std::vector<std::string> feature_names(std::uint32_t device_id, std::uint64_t features) {
    const Kind* kind = find_kind(device_id);
    std::vector<std::string> names;
    for (unsigned bit = 0; bit != 64; ++bit) {
        if ((features >> bit & 1) == 0) continue;
        const char* name = kind != nullptr ? find_name(kind->features, bit) : nullptr;
        if (name == nullptr) name = find_name(ring, bit);
        names.push_back(name != nullptr ? name : "bit " + std::to_string(bit));
    }
    return names;
}

void add_device(std::vector<DeviceFeatures>& devices, std::uint32_t device_id, std::uint64_t features) {
    const std::string kind = device_kind(device_id);
    std::string name = kind;
    for (unsigned number = 2; std::ranges::find(devices, name, &DeviceFeatures::first) != devices.end(); ++number)
        name = kind + std::to_string(number);
    devices.emplace_back(name, feature_names(device_id, features));
}

}  // namespace pvbench
