// SPDX-License-Identifier: Apache-2.0
// A symbolic link in RAM.
#include "kernel/fs/tmpfs/link.h"

#include <algorithm>

#include "kernel/mm/heap.h"

namespace tenon::tmpfs {

Outcome<InodeReference> Link::make(Tmpfs& tmpfs, mode_t mode, std::string_view target) {
    auto* text = static_cast<char*>(heap_allocate(target.size()));
    if (text == nullptr) return fail_with(ENOMEM);
    target.copy(text, target.size());
    auto link = make_node<Link>(tmpfs, mode, text, target.size());
    if (!link) heap_free(text);
    return link;
}

Link::~Link() { heap_free(text_); }

Outcome<std::size_t> Link::read_link(std::span<char> buffer) {
    const std::lock_guard guard(mutex_);
    touch_accessed();
    return std::string_view(text_, size_).copy(buffer.data(), buffer.size());
}

}  // namespace tenon::tmpfs
