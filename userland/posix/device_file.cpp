// SPDX-License-Identifier: Apache-2.0
// /dev/null, /dev/zero, /dev/random and /dev/urandom.
#include "userland/posix/device_file.h"

#include <cstring>

#include "kernel/entropy/random.h"
#include "userland/posix/status.h"

namespace tenon::posix {

Outcome<std::size_t> DeviceFile::read(std::span<std::byte> buffer) {
    if (device_ == NodeKind::null || buffer.empty()) return 0;
    if (device_ == NodeKind::zero)
        std::memset(buffer.data(), 0, buffer.size());
    else
        random_bytes(buffer);
    return buffer.size();
}

Outcome<> DeviceFile::status(struct stat& status) {
    status = make_status(S_IFCHR | 0666, 0, inode_of_device);
    return {};
}

}  // namespace tenon::posix
