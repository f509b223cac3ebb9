// SPDX-License-Identifier: Apache-2.0
// A process's initial state: descriptors 0 to 2, and the signal that would end it for a full file.
#pragma once

namespace hv {

/// Opens /dev/null for each of descriptors 0 to 2 that is closed. Whatever is opened later would take their numbers:
/// messages would go into it, and dup2 over it would close it. To be called first of all. False: there is no /dev/null.
[[nodiscard]] bool open_missing_standard_streams();

/// A file that reaches RLIMIT_FSIZE is an error of write (EFBIG), not the process's end. Its children inherit that.
void ignore_file_size_signal();

}  // namespace hv
