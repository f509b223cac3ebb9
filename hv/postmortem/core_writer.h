// SPDX-License-Identifier: Apache-2.0
// Writing a guest that has crashed as an ELF core file, as gdb reads it beside the image.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>

#include "hv/core/error.h"
#include "hv/guest/guest_end.h"
#include "hv/postmortem/backtrace.h"
#include "hypercall/start_info.h"

namespace hv {

/// What goes into the file. `read` is called for parts of `ram`; what it does not give is left out as if it were zeros.
struct CoreContents {
    const GuestEnd& guest;
    std::string program;  ///< the image's file name
    pid_t process;        ///< for gdb to name the one thread by
    std::span<const tenon::abi::MemoryRange> ram;
    ReadRam read;
};

/// Writes the core into `file`, which is empty and open for writing. Memory stands at its guest-virtual addresses.
/// Pages of zeros become holes, so that the file takes up about what the guest has used. hv needs 256 KiB for it,
/// whatever the guest's size. Errors: no_memory (the disk is full), internal; each with the system's words.
Result<> write_core(int file, const CoreContents& contents);

}  // namespace hv
