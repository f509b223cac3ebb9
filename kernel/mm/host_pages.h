// SPDX-License-Identifier: Apache-2.0
// The host's memory behind pages of RAM, for cooperation with the host.
#pragma once

#include <cstddef>

namespace tenon {

/// As Platform::drop_pages: the pages read as zeros afterwards, and the host holds no memory for them. False: nothing
/// was done. Callable with interrupts masked.
bool drop_pages(void* pages, std::size_t bytes);
/// As Platform::file_backed.
[[nodiscard]] bool file_backed(const void* pages, std::size_t bytes);

}  // namespace tenon
