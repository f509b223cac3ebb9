// SPDX-License-Identifier: Apache-2.0
// How a guest ended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hypercall/calls.h"

namespace hv {

struct GuestEnd {
    enum class Kind { shut_down, reboot, crashed, killed } kind;
    int exit_code = 0;        ///< shut_down: the guest's own
    std::string reason{};     ///< crashed: one line, "panic: ..." or "forbidden system call"
    bool has_report = false;  ///< `report` is filled in
    std::uint32_t vcpu = 0;   ///< crashed: on which vCPU
    tenon::abi::CrashReport report{};
    std::uint64_t fs_base = 0;  ///< address of the thread-local variables; 0 = not known
    std::uint64_t gs_base = 0;  ///< address of the kernel's per-CPU variables; 0 = not known

    /// A vCPU that stood still when another one had crashed: hv has read its registers.
    struct OtherVcpu {
        std::uint32_t vcpu = 0;
        tenon::abi::CrashReport report{};
        std::uint64_t fs_base = 0, gs_base = 0;
    };
    std::vector<OtherVcpu> others{};  ///< ascending; without those whose registers cannot be read
};

}  // namespace hv
