// SPDX-License-Identifier: Apache-2.0
// A disk or a partition below an ext4.
#pragma once

#include "kernel/device/block_device.h"
#include "kernel/fs/ext4/block_store.h"

namespace tenon::ext4 {

class DiskStore final : public BlockStore {
public:
    explicit DiskStore(BlockDevice& device) : device_(device) {}
    [[nodiscard]] std::uint64_t size() const override { return device_.size(); }
    [[nodiscard]] std::uint32_t block_size() const override { return device_.block_size(); }
    [[nodiscard]] bool read_only() const override { return device_.read_only(); }
    [[nodiscard]] const char* name() const override { return device_.name(); }
    Outcome<> read(std::span<const StorePiece> pieces) override;
    Outcome<> write(std::span<const StorePiece> pieces) override;
    Outcome<> flush() override;
    Outcome<> discard(std::uint64_t offset, std::uint64_t size) override;

private:
    /// Neighbours, as one transfer.
    Outcome<> transfer_run(BlockOperation operation, std::span<const StorePiece> run);

    BlockDevice& device_;
};

}  // namespace tenon::ext4
