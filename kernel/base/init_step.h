// SPDX-License-Identifier: Apache-2.0
// Initialisation of features that an image may or may not contain: a feature that is linked registers a step.
#pragma once

namespace tenon {

/// Steps run in this order, on the boot thread, with threads, memory, time and interrupts working.
enum class InitStage : int { drivers = 0, filesystems = 1, network = 2, services = 3 };

/// Aligned to its size, or the compiler would align the single entries more than an array's elements.
struct alignas(32) InitStep {
    InitStage stage;
    const char* name;
    void (*run)();
};

/// A step in the linker section that boot walks. Use at namespace scope in a .cpp file of the feature.
#define TENON_INIT_STEP(stage_name, function)                                                                    \
    [[gnu::section(".tenon.init"), gnu::used,                                                                    \
      gnu::retain]] static const ::tenon::InitStep tenon_init_step_##function = {::tenon::InitStage::stage_name, \
                                                                                 #function, function}

}  // namespace tenon
