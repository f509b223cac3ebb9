// SPDX-License-Identifier: Apache-2.0
// Consecutive pages.
#pragma once

#include "kernel/mm/page_record.h"

namespace tenon::balloon {

/// Pages of the RAM zone: page 0 is guest-physical address 0.
struct PageRun {
    PageIndex first;
    PageIndex count;
};

}  // namespace tenon::balloon
