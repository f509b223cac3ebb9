// SPDX-License-Identifier: Apache-2.0
// A disk in memory that records what is written to it and when it is flushed.
#pragma once

#include <vector>

#include "kernel/fs/ext4/block_store.h"

namespace tenon::crash {

/// The least that a disk writes whole: a power cut may tear a larger write between any two.
inline constexpr std::size_t sector = 512;

/// A write of one block of the file system, or a flush.
struct Record {
    bool flush;
    std::uint64_t offset;
    std::vector<std::byte> data;
};

/// For one thread. `disk` outlives it.
class RecordingStore final : public ext4::BlockStore {
public:
    RecordingStore(std::span<std::byte> disk, std::size_t block_size) : disk_(disk), piece_(block_size) {}

    [[nodiscard]] std::uint64_t size() const override { return disk_.size(); }
    [[nodiscard]] const char* name() const override { return "disk"; }
    Outcome<> read(std::span<const ext4::StorePiece> pieces) override;
    Outcome<> write(std::span<const ext4::StorePiece> pieces) override;
    Outcome<> flush() override;
    Outcome<> discard(std::uint64_t offset, std::uint64_t size) override;

    [[nodiscard]] const std::vector<Record>& log() const { return log_; }

private:
    [[nodiscard]] bool fits(std::uint64_t offset, std::uint64_t size) const;

    std::span<std::byte> disk_;
    std::size_t piece_;
    std::vector<Record> log_;
};

}  // namespace tenon::crash
