// SPDX-License-Identifier: Apache-2.0
// Hands the machine's memory to memory management.
#pragma once

#include "kernel/platform/memory_map.h"

namespace tenon {

/// Called once, by boot code, before any allocation. Panics if the machine has too little memory.
void initialize_memory(const MemoryMap& map);

}  // namespace tenon
