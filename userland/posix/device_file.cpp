// SPDX-License-Identifier: Apache-2.0
// /dev/null, /dev/zero, /dev/random and /dev/urandom.
#include "userland/posix/device_file.h"

#include <cstring>

#include "kernel/entropy/random.h"
#include "userland/posix/status.h"

namespace tenon::posix {

Outcome<std::size_t> DeviceFile::read(std::span<std::byte> buffer) {
    if (kind_ == DeviceKind::null || buffer.empty()) return 0;
    if (kind_ == DeviceKind::zero)
        std::memset(buffer.data(), 0, buffer.size());
    else
        random_bytes(buffer);
    return buffer.size();
}

Outcome<> DeviceFile::status(struct stat& status) { return status_of(inode_, status); }

}  // namespace tenon::posix
