// SPDX-License-Identifier: Apache-2.0
// The virtio devices that drivers have brought up, and the features negotiated with each: for programs that report
// them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "hypercall/layout.h"

namespace tenon {

struct DeviceFeatures {
    std::uint32_t device_id;  ///< virtio 1.2, section 5
    std::uint64_t features;   ///< a bit for each
};

/// Callable from any thread.
class DeviceFeatureList {
public:
    /// `device` tells devices apart: another bring-up of one replaces its record. The list has room for as many devices
    /// as hv has; of more, the last are not noted.
    void note(const void* device, const DeviceFeatures& features);
    /// In the order of their first bring-up; nothing behind the last.
    [[nodiscard]] std::optional<DeviceFeatures> at(unsigned index) const;

private:
    struct Record {
        std::atomic<const void*> device = nullptr;
        std::atomic<std::uint32_t> device_id = 0;
        std::atomic<std::uint64_t> features = 0;
    };
    std::array<Record, abi::max_devices> records_{};
};

/// The machine's.
[[nodiscard]] DeviceFeatureList& device_features();

}  // namespace tenon
