// SPDX-License-Identifier: Apache-2.0
// A disk or a partition below an ext4.
#include "kernel/fs/ext4/disk_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/device/block_batch.h"
#include "kernel/device/block_io.h"
#include "kernel/device/block_transfer.h"
#include "kernel/device/copy_memory.h"

namespace tenon::ext4 {

namespace {

/// Runs of neighbours that are as long are transfers of their own, which have many requests under way.
constexpr std::size_t long_run = 256 * 1024;
constexpr std::size_t most_parts = 16, most_requests = 16;

Outcome<> outcome_of(const Result<>& result) {
    if (result) return {};
    switch (result.error()) {
        case Error::no_memory: return fail_with(ENOMEM);
        case Error::not_supported: return fail_with(EOPNOTSUPP);
        default: return fail_with(EIO);
    }
}

/// How many pieces at the front are neighbours, of at most 256.
std::size_t run_of(std::span<const StorePiece> pieces) {
    std::size_t count = 1;
    while (count != std::min<std::size_t>(pieces.size(), 256) &&
           pieces[count].offset == pieces[count - 1].offset + pieces[count - 1].size)
        ++count;
    return count;
}

std::size_t size_of(std::span<const StorePiece> pieces) {
    std::size_t size = 0;
    for (const StorePiece& piece : pieces) size += piece.size;
    return size;
}

struct Request : BlockRequest {
    std::array<BlockPart, most_parts> list;
    std::size_t count = 0;
    std::uint64_t end = 0;
};

/// Short runs, copied into the DMA zone and written together.
class Scattered {
public:
    Scattered(BlockDevice& device, std::size_t wanted)
        : device_(device),
          copies_(CopyMemory::Use::write, std::min(wanted, CopyMemory::most_pieces * CopyMemory::piece_size),
                  device.block_size()),
          batch_(device) {}

    /// False: it does not fit any more.
    bool add(const StorePiece& piece) {
        if (used_ + piece.size > copies_.count() * copies_.size()) return false;
        if (!begin_request(piece)) return false;
        Request& request = requests_[count_ - 1];
        for (std::size_t done = 0; done != piece.size;) {
            const std::size_t within = used_ % copies_.size();
            const std::size_t size = std::min(piece.size - done, copies_.size() - within);
            std::byte* const to = copies_.piece(used_ / copies_.size()) + within;
            std::memcpy(to, piece.data + done, size);
            if (within != 0 && request.count != 0)
                request.list[request.count - 1].size += size;
            else
                request.list[request.count++] = {to, size};
            used_ += size;
            done += size;
        }
        request.end = piece.offset + piece.size;
        return true;
    }

    Result<> write() {
        for (Request& request : std::span(requests_).first(count_)) {
            request.operation = BlockOperation::write;
            request.parts = std::span(request.list).first(request.count);
            batch_.add(request);
        }
        batch_.submit();
        return batch_.wait();
    }

private:
    /// A piece that is the neighbour of the last one joins its request.
    bool begin_request(const StorePiece& piece) {
        const std::size_t most = std::min(most_parts, device_.part_limit());
        if (count_ != 0 && requests_[count_ - 1].end == piece.offset && requests_[count_ - 1].count + 2 <= most)
            return true;
        if (count_ == requests_.size()) return false;
        requests_[count_++].offset = piece.offset;
        return true;
    }

    BlockDevice& device_;
    CopyMemory copies_;
    std::array<Request, most_requests> requests_;
    std::size_t count_ = 0;
    std::size_t used_ = 0;
    BlockBatch batch_;  // waits for the requests ahead of their end
};

}  // namespace

Outcome<> DiskStore::transfer_run(BlockOperation operation, std::span<const StorePiece> run) {
    std::array<BlockPart, 256> parts;
    for (std::size_t i = 0; i != run.size(); ++i) parts[i] = {run[i].data, run[i].size};
    return outcome_of(transfer_blocks(device_, operation, run.front().offset, std::span(parts).first(run.size())));
}

Outcome<> DiskStore::read(std::span<const StorePiece> pieces) {
    while (!pieces.empty()) {
        const std::size_t count = run_of(pieces);
        CHECK(transfer_run(BlockOperation::read, pieces.first(count)));
        pieces = pieces.subspan(count);
    }
    return {};
}

Outcome<> DiskStore::write(std::span<const StorePiece> pieces) {
    while (!pieces.empty()) {
        std::size_t count = run_of(pieces);
        if (size_of(pieces.first(count)) >= long_run || count == pieces.size()) {
            CHECK(transfer_run(BlockOperation::write, pieces.first(count)));
        } else {
            Scattered some(device_, size_of(pieces));
            count = 0;
            while (count != pieces.size() && some.add(pieces[count])) ++count;
            if (count == 0) return fail_with(ENOMEM);
            CHECK(outcome_of(some.write()));
        }
        pieces = pieces.subspan(count);
    }
    return {};
}

Outcome<> DiskStore::flush() { return outcome_of(flush_blocks(device_)); }

Outcome<> DiskStore::discard(std::uint64_t offset, std::uint64_t size) {
    return outcome_of(discard_blocks(device_, offset, size));
}

}  // namespace tenon::ext4
