// SPDX-License-Identifier: Apache-2.0
// Memory in the DMA zone through which data of other memory goes to disks and comes from them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "kernel/base/intrusive_list.h"

namespace tenon {

/// Pieces of copy memory that one transfer has. All reads together have three sixteenths of the zone at most, 2 MiB at
/// most, and all writes together as much: writes may wait for a disk that is frozen, and the network needs the rest.
/// While memory lasts, a transfer gets what it asks for. When it is short, transfers
/// wait in the order in which they came, and one that has more than its equal part gives the surplus back at its next
/// chance (return_surplus). The destructor frees the pieces.
class CopyMemory {
public:
    static constexpr std::size_t piece_size = 64 * 1024;
    static constexpr std::size_t most_pieces = 16;
    enum class Use : std::uint8_t { read, write };

    /// Takes `wanted` bytes, a multiple of `block`, in pieces of piece_size (one smaller piece if it is less); fewer
    /// pieces if memory is short, and a smaller one, of whole blocks, if the zone has no such run of pages. Waits while
    /// the others have everything. Without any memory it has no pieces.
    CopyMemory(Use use, std::size_t wanted, std::size_t block);
    ~CopyMemory();
    CopyMemory(const CopyMemory&) = delete;
    CopyMemory& operator=(const CopyMemory&) = delete;

    [[nodiscard]] std::size_t count() const { return count_; }
    /// Bytes of each piece.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::byte* piece(std::size_t index) const { return pieces_[index]; }
    /// If others wait, and this transfer has more than its part: gives up to `idle` pieces back, those with the highest
    /// numbers, which are not in use. Returns how many.
    std::size_t return_surplus(std::size_t idle);

private:
    [[nodiscard]] std::size_t allocate(std::size_t granted, std::size_t block);

    Use use_;
    std::array<std::byte*, most_pieces> pieces_;
    std::size_t count_ = 0;
    std::size_t size_ = 0;
    std::size_t charged_ = 0;  ///< bytes of the budget
};

}  // namespace tenon
