// SPDX-License-Identifier: Apache-2.0
// The host's memory behind pages of RAM, for memory management's cooperation with the host.
#pragma once

#include <cstddef>

namespace tenon {

/// As Platform::drop_pages: whole pages of RAM that read as zeros afterwards, and for which the host then holds
/// nothing. False: nothing was done here. Callable with interrupts masked.
bool drop_pages(void* pages, std::size_t bytes);
/// As Platform::file_backed.
[[nodiscard]] bool file_backed(const void* pages, std::size_t bytes);

}  // namespace tenon
