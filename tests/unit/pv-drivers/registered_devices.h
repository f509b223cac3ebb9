// SPDX-License-Identifier: Apache-2.0
// Devices that drivers have registered with the unit tests' kernel.
#pragma once

#include "kernel/device/net_device.h"
#include "kernel/entropy/random.h"

namespace tenon::test {

/// The one registered last, or null. The caller deletes it.
NetDevice* take_registered_net_device();
EntropySource* take_registered_entropy_source();

}  // namespace tenon::test
