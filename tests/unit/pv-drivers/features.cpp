// SPDX-License-Identifier: Apache-2.0
// Feature negotiation as the driver sees it.
#include "pv-drivers/virtio/features.h"

#include <catch2/catch.hpp>

using namespace tenon;
using namespace tenon::virtio;

TEST_CASE("features: never more than is offered, never less than is required") {
    constexpr std::uint64_t version_1 = feature_bit(VIRTIO_F_VERSION_1);
    constexpr std::uint64_t event = feature_bit(VIRTIO_RING_F_EVENT_IDX);
    CHECK(negotiate(version_1, {.required = 0, .optional = ~0ull}).value() == version_1);
    CHECK(negotiate(version_1 | event | 3, {.required = 1, .optional = 0}).value() == (version_1 | event | 1));
    CHECK(negotiate(~0ull, {.required = 1, .optional = 4}).value() == (version_1 | ring_features | 5));
    CHECK((negotiate(~0ull, {.required = 0, .optional = 0}).value() & feature_bit(VIRTIO_F_RING_PACKED)) == 0);
}

TEST_CASE("features: legacy devices and missing features are refused") {
    constexpr std::uint64_t version_1 = feature_bit(VIRTIO_F_VERSION_1);
    CHECK(negotiate(0, {.required = 0, .optional = 0}).error() == Error::not_supported);
    CHECK(negotiate(~version_1, {.required = 0, .optional = 0}).error() == Error::not_supported);
    CHECK(negotiate(version_1 | 1, {.required = 2, .optional = 1}).error() == Error::not_supported);
}
