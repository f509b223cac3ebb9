// SPDX-License-Identifier: Apache-2.0
// Feature negotiation (virtio 1.2, section 2.2), the driver's side.
#pragma once

#include <cstdint>

#include "kernel/base/result.h"
#include "pv-drivers/virtio/uapi.h"

namespace tenon::virtio {

/// The features that a driver supports. The core adds VERSION_1 and the ring's features.
struct FeatureWish {
    std::uint64_t required;  ///< without these the driver refuses the device
    std::uint64_t optional;  ///< taken if they are offered
};

inline constexpr std::uint64_t ring_features =
    feature_bit(VIRTIO_RING_F_INDIRECT_DESC) | feature_bit(VIRTIO_RING_F_EVENT_IDX);

/// The set to accept: a subset of the offered features. ACCESS_PLATFORM is never accepted, because drivers use
/// guest-physical addresses; a device that insists on it does not confirm FEATURES_OK (section 6.1).
/// Error: not_supported if something required, or VERSION_1 (section 6.1: modern only), is missing.
[[nodiscard]] constexpr Result<std::uint64_t> negotiate(std::uint64_t offered, const FeatureWish& wish) {
    const std::uint64_t required = wish.required | feature_bit(VIRTIO_F_VERSION_1);
    if ((offered & required) != required) return fail(Error::not_supported);
    return offered & (required | wish.optional | ring_features);
}

}  // namespace tenon::virtio
