// SPDX-License-Identifier: Apache-2.0
// Writing a crashed guest as an ELF core file, which gdb reads together with the image.
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

/// The content of the file. `read` is called for parts of `ram`; bytes that it does not return read as zeros.
struct CoreContents {
    const GuestEnd& guest;
    std::string program;             ///< the image's file name
    std::span<const pid_t> threads;  ///< index: vCPU; ids under which gdb shows them. The first one's is the process's
    std::span<const tenon::abi::MemoryRange> ram;
    ReadRam read;
};

/// Writes the core into `file`, which is empty and open for writing. Memory appears at its guest-virtual addresses.
/// Pages of zeros become holes, so that the file takes about as much space as the guest has used. Needs 256 KiB of
/// memory, whatever the guest's size. Errors: no_memory (the disk is full), internal; the message is the system's.
Result<> write_core(int file, const CoreContents& contents);

}  // namespace hv
