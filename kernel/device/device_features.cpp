// SPDX-License-Identifier: Apache-2.0
// The list of negotiated features.
#include "kernel/device/device_features.h"

namespace tenon {

namespace {
constinit DeviceFeatureList the_list;
}

DeviceFeatureList& device_features() { return the_list; }

void DeviceFeatureList::note(const void* device, const DeviceFeatures& features) {
    for (Record& record : records_) {
        const void* owner = nullptr;
        if (!record.device.compare_exchange_strong(owner, device) && owner != device) continue;
        record.device_id.store(features.device_id);
        record.features.store(features.features);
        return;
    }
}

std::optional<DeviceFeatures> DeviceFeatureList::at(unsigned index) const {
    if (index >= records_.size() || records_[index].device.load() == nullptr) return std::nullopt;
    return DeviceFeatures{records_[index].device_id.load(), records_[index].features.load()};
}

}  // namespace tenon
