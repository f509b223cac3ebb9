// SPDX-License-Identifier: Apache-2.0
// Memory files.
#include "hv/core/memory_file.h"

#include <linux/memfd.h>
#include <sys/syscall.h>

#include <cerrno>

// Missing in kernel headers before 6.3.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace hv {

FileDescriptor create_memory_file(const char* name, bool executable) {
    const auto create = [name](unsigned flags) {
        return static_cast<int>(syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags));
    };
    int fd = create(executable ? MFD_EXEC : MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) fd = create(0);
    return FileDescriptor(fd);
}

}  // namespace hv
