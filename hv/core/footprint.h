// SPDX-License-Identifier: Apache-2.0
// A small footprint: giving back the memory that hv needed only to start, and keeping the rest together.
#pragma once

namespace hv {

/// Freed memory joins its free neighbours at once from now on. glibc's caches of freed pieces make malloc() faster for
/// programs that call it all the time; in hv, which does not, they would scatter what stays over many pages. Called
/// before there is a second thread.
void keep_heap_compact();

/// Drops the pages of hv's own code and constants from its address space, and returns free heap and unused stack to the
/// kernel. Code that the loop runs comes back from the page cache, by some 20 faults; code that only the start needed,
/// most of the file, does not. Called on the main thread: nothing else lies below its stack.
void give_back_start_up_memory();

}  // namespace hv
