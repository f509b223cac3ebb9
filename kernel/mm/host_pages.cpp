// SPDX-License-Identifier: Apache-2.0
// The host's memory behind pages of RAM.
#include "kernel/mm/host_pages.h"

#include "kernel/platform/platform.h"

namespace tenon {

bool drop_pages(void* pages, std::size_t bytes) { return platform().drop_pages(pages, bytes); }
bool file_backed(const void* pages, std::size_t bytes) { return platform().file_backed(pages, bytes); }

}  // namespace tenon
