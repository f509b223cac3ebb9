// SPDX-License-Identifier: Apache-2.0
// A disk or a partition as a file: /dev/vda, /dev/vda1.
#pragma once

#include "kernel/device/block_device.h"
#include "userland/posix/file.h"

namespace tenon::posix {

/// Without a cache: offsets and sizes are whole blocks (else EINVAL); written data has reached the device when the call
/// returns, and is durable after fsync(), or at once with O_SYNC or O_DSYNC. A call of many parts is one transfer.
class BlockFile final : public File {
public:
    BlockFile(BlockDevice& device, int flags) : File(Kind::disk, flags), device_(device) {}
    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override;
    Outcome<std::size_t> read_at(std::span<std::byte> buffer, off_t offset) override;
    Outcome<std::size_t> write_at(std::span<const std::byte> data, off_t offset) override;
    Outcome<std::size_t> read_parts(std::span<const iovec> parts) override;
    Outcome<std::size_t> write_parts(std::span<const iovec> parts) override;
    // Weak: an image without the feature `blk` has no disk, and nothing of this class.
    [[nodiscard, gnu::weak, gnu::noplt]] Outcome<std::size_t> read_parts_at(std::span<const iovec> parts, off_t offset);
    [[nodiscard, gnu::weak, gnu::noplt]] Outcome<std::size_t> write_parts_at(std::span<const iovec> parts,
                                                                             off_t offset);
    Outcome<off_t> seek(off_t offset, int whence) override;
    Outcome<> status(struct stat& status) override;
    Outcome<int> control(unsigned long request, void* argument) override;
    Outcome<> synchronise(bool data_only) override;
    void destroy() override { delete this; }

private:
    /// Cuts `size` bytes at `offset` to the disk's end. Error: EINVAL (not whole blocks).
    [[nodiscard]] Outcome<std::size_t> available(std::uint64_t offset, std::size_t size) const;
    /// Takes up to `size` bytes from the position on, which two callers never share.
    struct Claim {
        off_t offset;
        std::size_t size;
    };
    [[nodiscard]] Outcome<Claim> claim(std::size_t size);

    /// Transfers the first `size` bytes of `parts`.
    [[nodiscard]] Outcome<std::size_t> transfer(BlockOperation operation, std::span<const iovec> parts,
                                                std::size_t size, off_t offset);
    [[nodiscard]] Outcome<int> discard(const void* range);
    [[nodiscard]] Outcome<int> zero_out(const void* range);
    [[nodiscard]] Outcome<> check_change(std::uint64_t offset, std::uint64_t size) const;

    BlockDevice& device_;
    std::atomic<off_t> position_ = 0;
};

/// Null: there is no memory. Weak for the same reason.
[[gnu::weak, gnu::noplt]] File* open_disk(BlockDevice& disk, int flags);

}  // namespace tenon::posix
