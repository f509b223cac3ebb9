// SPDX-License-Identifier: Apache-2.0
// What a disk may have on it after a power cut: all that was flushed, and any part of what was written since.
#pragma once

#include <random>
#include <vector>

#include "tests/crash/recording_store.h"

namespace tenon::crash {

/// Between two flushes: records [begin, end).
struct Epoch {
    std::size_t begin, end;
};
std::vector<Epoch> epochs_of(std::span<const Record> log);

/// Part of a block that got to the disk: bit i stands for sector i.
struct Landed {
    std::size_t record;
    std::uint64_t sectors;
};

struct PowerCut {
    std::size_t position;  ///< records from here on had not begun
    std::vector<Landed> landed;
};

/// The ways to lose writes of an epoch, by number: nothing of it, all of it, its beginning, all but one write, the last
/// write alone, and subsets of several densities; every second kind once more with torn blocks.
inline constexpr unsigned kinds_of_cuts = 12;
PowerCut cut(std::span<const Record> log, Epoch epoch, unsigned kind, std::mt19937& random);

/// Writes what landed.
void apply(std::span<const Record> log, const PowerCut& cut, std::span<std::byte> disk);
/// Writes records [begin, end) whole.
void apply(std::span<const Record> log, std::size_t begin, std::size_t end, std::span<std::byte> disk);

}  // namespace tenon::crash
