// SPDX-License-Identifier: Apache-2.0
// /dev/null, /dev/zero, /dev/random and /dev/urandom.
#include "userland/posix/device_file.h"

#include <cstring>

#include "kernel/entropy/random.h"
#include "userland/posix/status.h"

namespace tenon::posix {

Outcome<std::size_t> DeviceFile::read(std::span<std::byte> buffer) {
    if (node_.kind == NodeKind::null || buffer.empty()) return 0;
    if (node_.kind == NodeKind::zero)
        std::memset(buffer.data(), 0, buffer.size());
    else
        random_bytes(buffer);
    return buffer.size();
}

Outcome<> DeviceFile::status(struct stat& status) {
    status = status_of(node_);
    return {};
}

}  // namespace tenon::posix
