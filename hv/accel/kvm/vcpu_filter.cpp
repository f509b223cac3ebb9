// SPDX-License-Identifier: Apache-2.0
// The vCPU thread's system call filter.
#include "hv/accel/kvm/vcpu_filter.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "hv/core/confine_filter.h"

namespace hv::kvm {

Result<> confine_vcpu_thread(int vcpu, int event) {
    std::vector<sock_filter> code(vcpu_call_filter.begin(), vcpu_call_filter.end());
    for (sock_filter& instruction : code) {
        if (instruction.k == vcpu_mark) instruction.k = static_cast<std::uint32_t>(vcpu);
        if (instruction.k == vcpu_event_mark) instruction.k = static_cast<std::uint32_t>(event);
        if (instruction.k == own_process_mark) instruction.k = static_cast<std::uint32_t>(getpid());
    }
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    // PR_SET_NO_NEW_PRIVS is set already, for hv's own filter. Older kernels enable Spectre mitigations with a filter:
    // wanted here, as the guest runs on this thread.
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return fail(ErrorKind::internal, std::string("cannot confine the vCPU's thread: ") + std::strerror(errno));
    return {};
}

}  // namespace hv::kvm
