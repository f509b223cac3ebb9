// SPDX-License-Identifier: Apache-2.0
// /dev/null, /dev/zero, /dev/random and /dev/urandom.
#pragma once

#include "kernel/fs/inode.h"
#include "userland/posix/file.h"

namespace tenon::posix {

enum class DeviceKind : std::uint8_t { console, null, zero, random };

/// `inode` is static.
class DeviceFile final : public File {
public:
    DeviceFile(Inode& inode, DeviceKind kind, int flags) : File(Kind::other, flags), inode_(inode), kind_(kind) {}
    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override { return data.size(); }
    // Devices have no positions.
    Outcome<std::size_t> read_at(std::span<std::byte> buffer, off_t) override { return read(buffer); }
    Outcome<std::size_t> write_at(std::span<const std::byte> data, off_t) override { return write(data); }
    Outcome<off_t> seek(off_t, int) override { return 0; }
    Outcome<> status(struct stat& status) override;
    void destroy() override { delete this; }

private:
    Inode& inode_;
    DeviceKind kind_;
};

}  // namespace tenon::posix
