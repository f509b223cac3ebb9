// SPDX-License-Identifier: Apache-2.0
// Numbers of a balloon device's queues.
#pragma once

#include <array>
#include <cstdint>

#include "pv-drivers/virtio/uapi.h"

namespace tenon::balloon {

enum class Role : std::uint32_t { inflate, deflate, statistics, hinting, reporting };

/// All features of the device type: the driver accepts those that are offered.
inline constexpr std::uint64_t wanted_features =
    virtio::feature_bit(VIRTIO_BALLOON_F_MUST_TELL_HOST) | virtio::feature_bit(VIRTIO_BALLOON_F_STATS_VQ) |
    virtio::feature_bit(VIRTIO_BALLOON_F_DEFLATE_ON_OOM) | virtio::feature_bit(VIRTIO_BALLOON_F_FREE_PAGE_HINT) |
    virtio::feature_bit(VIRTIO_BALLOON_F_PAGE_POISON) | virtio::feature_bit(VIRTIO_BALLOON_F_REPORTING);

/// Section 5.5.2 numbers the queues from 0 to 4, but existing devices and drivers leave no gap for a queue whose
/// feature was not negotiated: reporting without hinting is 3. Because this driver accepts all offered features, a
/// device that numbers by offered features numbers alike.
class QueueLayout {
public:
    constexpr QueueLayout() = default;
    constexpr explicit QueueLayout(std::uint64_t features) {
        add(Role::inflate);
        add(Role::deflate);
        if ((features & virtio::feature_bit(VIRTIO_BALLOON_F_STATS_VQ)) != 0) add(Role::statistics);
        if ((features & virtio::feature_bit(VIRTIO_BALLOON_F_FREE_PAGE_HINT)) != 0) add(Role::hinting);
        if ((features & virtio::feature_bit(VIRTIO_BALLOON_F_REPORTING)) != 0) add(Role::reporting);
    }
    [[nodiscard]] constexpr bool has(Role role) const { return index_[place(role)] != absent; }
    /// Only if has(role).
    [[nodiscard]] constexpr std::uint32_t index(Role role) const { return index_[place(role)]; }
    [[nodiscard]] constexpr std::uint32_t count() const { return count_; }

private:
    static constexpr std::uint8_t absent = 0xFF;
    static constexpr std::size_t place(Role role) { return static_cast<std::size_t>(role); }
    constexpr void add(Role role) { index_[place(role)] = static_cast<std::uint8_t>(count_++); }

    std::array<std::uint8_t, 5> index_{absent, absent, absent, absent, absent};
    std::uint32_t count_ = 0;
};

}  // namespace tenon::balloon
