// SPDX-License-Identifier: Apache-2.0
// Names of devices and features, against Linux's own headers.
#include "images/pvbench/virtio_features.h"

#include <linux/virtio_ids.h>

#include <catch2/catch.hpp>

#include "pv-drivers/virtio/uapi.h"

using namespace pvbench;
using Names = std::vector<std::string>;

namespace {
constexpr std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }
}  // namespace

TEST_CASE("pvbench: features are named, device's and ring's, in the order of their bits") {
    REQUIRE(feature_names(VIRTIO_ID_NET, bit(VIRTIO_F_VERSION_1) | bit(VIRTIO_NET_F_MRG_RXBUF) |
                                             bit(VIRTIO_NET_F_CSUM)) == Names{"CSUM", "MRG_RXBUF", "VERSION_1"});
    REQUIRE(feature_names(VIRTIO_ID_BLOCK, bit(9) | bit(29)) == Names{"FLUSH", "EVENT_IDX"});
    REQUIRE(feature_names(VIRTIO_ID_BALLOON, bit(VIRTIO_BALLOON_F_REPORTING) | bit(VIRTIO_BALLOON_F_PAGE_POISON)) ==
            Names{"PAGE_POISON", "PAGE_REPORTING"});
    REQUIRE(feature_names(VIRTIO_ID_NET, 0).empty());
}

TEST_CASE("pvbench: the same bit has another name on another device") {
    REQUIRE(feature_names(VIRTIO_ID_NET, bit(5)) == Names{"MAC"});
    REQUIRE(feature_names(VIRTIO_ID_BLOCK, bit(5)) == Names{"RO"});
    REQUIRE(feature_names(VIRTIO_ID_BALLOON, bit(5)) == Names{"PAGE_REPORTING"});
}

TEST_CASE("pvbench: what has no name is told by its number") {
    REQUIRE(feature_names(VIRTIO_ID_RNG, bit(0) | bit(50)) == Names{"bit 0", "bit 50"});
    REQUIRE(device_kind(77) == "device 77");
    REQUIRE(device_kind(VIRTIO_ID_BLOCK) == "blk");
}

TEST_CASE("pvbench: every device has a name of its own") {
    std::vector<DeviceFeatures> devices;
    for (int i = 0; i != 3; ++i) add_device(devices, VIRTIO_ID_BLOCK, bit(VIRTIO_BLK_F_RO));
    add_device(devices, VIRTIO_ID_NET, 0);
    REQUIRE(devices == std::vector<DeviceFeatures>{{"blk", {"RO"}}, {"blk2", {"RO"}}, {"blk3", {"RO"}}, {"net", {}}});
}
