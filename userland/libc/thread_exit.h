// SPDX-License-Identifier: Apache-2.0
// Destructors of thread_local objects.
#pragma once

namespace tenon::libc {

/// Destroys the calling thread's thread_local objects, last made first, those that a destructor makes included. Weak:
/// an image without such objects does not contain it. Called through the GOT (noplt), as a direct call cannot reach
/// address 0.
[[gnu::weak, gnu::noplt]] void destroy_thread_locals();

}  // namespace tenon::libc
