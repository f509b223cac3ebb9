// SPDX-License-Identifier: Apache-2.0
// What a file's changes mean to the epolls that watch it. An image without epoll does not contain them, so the
// declarations are weak, and called through the GOT (noplt), because a direct call cannot reach address 0.
#pragma once

namespace tenon::posix {

class File;

/// Notes that the file's readiness may have changed, in the epolls that watch it. Callable from interrupt handlers.
[[gnu::weak, gnu::noplt]] void note_change(File& file);
/// Ends all watches of a file, whose last descriptor has been closed.
[[gnu::weak, gnu::noplt]] void forget_watches(File& file);

}  // namespace tenon::posix
