// SPDX-License-Identifier: Apache-2.0
// What drivers have registered with the kernel of the unit tests.
#pragma once

#include "kernel/device/net_device.h"
#include "kernel/entropy/random.h"

namespace tenon::test {

/// The one registered last, or null. The caller deletes it.
NetDevice* take_registered_net_device();
EntropySource* take_registered_entropy_source();

}  // namespace tenon::test
