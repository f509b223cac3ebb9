// SPDX-License-Identifier: Apache-2.0
// The list of negotiated features.
#include "kernel/device/device_features.h"

#include <catch2/catch.hpp>

using tenon::DeviceFeatureList;

namespace {
const char devices[tenon::abi::max_devices + 1] = {};
}

TEST_CASE("device features: devices are listed in the order of their first bring-up") {
    DeviceFeatureList list;
    REQUIRE(!list.at(0));
    list.note(&devices[1], {.device_id = 1, .features = 7});
    list.note(&devices[0], {.device_id = 2, .features = ~std::uint64_t{0}});
    REQUIRE(list.at(0)->device_id == 1);
    REQUIRE(list.at(0)->features == 7);
    REQUIRE(list.at(1)->device_id == 2);
    REQUIRE(list.at(1)->features == ~std::uint64_t{0});
    REQUIRE(!list.at(2));
}

TEST_CASE("device features: another bring-up of a device replaces its record") {
    DeviceFeatureList list;
    list.note(&devices[0], {.device_id = 1, .features = 7});
    list.note(&devices[1], {.device_id = 2, .features = 1});
    list.note(&devices[0], {.device_id = 1, .features = 3});
    REQUIRE(list.at(0)->features == 3);
    REQUIRE(list.at(1)->features == 1);
    REQUIRE(!list.at(2));
}

TEST_CASE("device features: a device for which there is no room is not listed, and those before stay") {
    DeviceFeatureList list;
    for (std::uint32_t i = 0; i != std::size(devices); ++i) list.note(&devices[i], {.device_id = i, .features = i});
    REQUIRE(list.at(tenon::abi::max_devices - 1)->device_id == tenon::abi::max_devices - 1);
    REQUIRE(!list.at(tenon::abi::max_devices));
    REQUIRE(!list.at(~0U));
}
