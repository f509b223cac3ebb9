// SPDX-License-Identifier: Apache-2.0
// Confining hv by seccomp.
#include "hv/core/confine.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "hv/core/confine_filter.h"
#include "hv/core/several_vcpus_filter.h"

namespace hv {

namespace {

std::unexpected<Error> cannot(const char* what) {
    return fail(ErrorKind::internal, std::string("cannot confine hv: ") + what + ": " + std::strerror(errno));
}

}  // namespace

Result<> confine_calls(const CallConfinement& confinement) {
    const std::span<const sock_filter> filter = confinement.kvm ? kvm_call_filter : pv_call_filter;
    std::vector<sock_filter> code(filter.begin(), filter.end());
    const auto fill_in = [&code](std::uint32_t mark, int id) {
        if (id <= 0) return;
        for (sock_filter& instruction : code)
            if (instruction.k == mark) instruction.k = static_cast<std::uint32_t>(id);
    };
    fill_in(own_process_mark, getpid());
    fill_in(guest_process_mark, confinement.guest);
    if (!confinement.vcpus.empty()) fill_in(vcpu_thread_mark, confinement.vcpus.front());
    fill_in(ring_mark, confinement.ring);
    fill_in(core_file_mark, confinement.core_file);

    // The marks stand for one thread.
    if (confinement.vcpus.size() > 1) {
        const auto more = several_vcpus_filter(confinement.vcpus);
        code.insert(code.begin(), more.begin(), more.end());
    }
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return cannot("no_new_privs");
    // Older kernels enable costly Spectre mitigations with a filter. hv runs no guest code on this thread, and
    // declines.
    constexpr unsigned flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) != 0) return cannot("seccomp");
    return {};
}

}  // namespace hv
