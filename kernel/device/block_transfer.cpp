// SPDX-License-Identifier: Apache-2.0
// One read or write of any size: cut into requests, many of which are under way.
#include "kernel/device/block_transfer.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "kernel/base/address.h"
#include "kernel/device/copy_memory.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/wait.h"

namespace tenon {

namespace {

/// Bytes that one request has at most.
constexpr std::size_t largest_request = 1024 * 1024;
constexpr std::size_t most_requests = 16;
constexpr std::size_t most_parts = 16;

/// A place in the caller's memory.
struct Cursor {
    std::span<const BlockPart> parts;
    std::size_t done = 0;  ///< of the first part

    /// The next piece of memory, of at most `most` bytes, which are there. Moves on behind it.
    std::span<std::byte> next(std::size_t most) {
        while (parts.front().size == done) skip();
        const BlockPart& part = parts.front();
        const std::size_t size = std::min(most, part.size - done);
        const std::span piece(static_cast<std::byte*>(part.data) + done, size);
        done += size;
        return piece;
    }
    void skip() {
        parts = parts.subspan(1);
        done = 0;
    }
};

/// A request of the transfer, and what is to be done when it has completed.
struct Slot : BlockRequest {
    std::array<BlockPart, most_parts> list;
    Cursor place;                 ///< of its data, if it is copied
    std::size_t first_piece = 0;  ///< of the copy memory
    bool busy = false;
    std::atomic<bool> done = false;
};

/// Requests are as large as the device allows, and a copied one has the pieces that its slot owns.
class Transfer {
public:
    Transfer(BlockDevice& device, BlockOperation operation, std::uint64_t offset, std::span<const BlockPart> memory,
             std::uint64_t size)
        : device_(device), operation_(operation), offset_(offset), cursor_{memory}, left_(size) {
        part_size_ = align_down(device.part_size_limit(), device.block_size());
        part_count_ = std::min(device.part_limit(), most_parts);
        request_size_ = std::min(largest_request, part_size_ * part_count_);
    }

    Result<> run_directly();
    Result<> run_copying();

private:
    Result<> run(std::size_t slots, CopyMemory* copies);
    Result<> run_with(std::span<Slot> slots, CopyMemory* copies);
    void submit_idle(std::span<Slot> slots, CopyMemory* copies);
    void fill_directly(Slot& slot);
    void fill_copying(Slot& slot, const CopyMemory& copies);
    void finish(Slot& slot, const CopyMemory* copies);
    std::size_t append(Slot& slot, std::size_t count, std::span<std::byte> memory) const;
    static void completed(BlockRequest& request);

    BlockDevice& device_;
    BlockOperation operation_;
    std::uint64_t offset_;  ///< of what was not yet asked for
    Cursor cursor_;
    std::uint64_t left_;
    std::size_t part_size_;
    std::size_t part_count_;
    std::size_t request_size_;
    std::uint32_t submitted_ = 0;
    std::uint32_t finished_ = 0;
    std::atomic<std::uint32_t> completed_ = 0;
    Result<> result_;
};

void Transfer::completed(BlockRequest& request) {
    auto& self = *static_cast<Transfer*>(request.context);
    static_cast<Slot&>(request).done.store(true);
    // After the addition the thread may return and free the transfer; wake_address() only uses the address. A thread
    // that is awake already finds all completions of one interrupt together.
    const std::atomic<std::uint32_t>& word = self.completed_;
    self.completed_.fetch_add(1);
    wake_address(word);
}

/// Adds `memory` to the slot's parts, which then are as many as returned.
std::size_t Transfer::append(Slot& slot, std::size_t count, std::span<std::byte> memory) const {
    while (!memory.empty()) {
        const auto part = memory.first(std::min(part_size_, memory.size()));
        slot.list[count++] = {part.data(), part.size()};
        memory = memory.subspan(part.size());
    }
    return count;
}

void Transfer::fill_directly(Slot& slot) {
    std::size_t count = 0, size = 0;
    while (count < part_count_ && size < request_size_ && size < left_) {
        const auto piece = cursor_.next(
            static_cast<std::size_t>(std::min<std::uint64_t>({request_size_ - size, part_size_, left_ - size})));
        count = append(slot, count, piece);
        size += piece.size();
    }
    slot.parts = std::span(slot.list).first(count);
    offset_ += size;
    left_ -= size;
}

void Transfer::fill_copying(Slot& slot, const CopyMemory& copies) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({copies.size(), request_size_, left_}));
    const std::span copy(copies.piece(slot.first_piece), size);
    slot.parts = std::span(slot.list).first(append(slot, 0, copy));
    slot.place = cursor_;
    for (std::size_t done = 0; done != size;) {
        const auto piece = cursor_.next(size - done);
        if (operation_ == BlockOperation::write) std::memcpy(copy.data() + done, piece.data(), piece.size());
        done += piece.size();
    }
    offset_ += size;
    left_ -= size;
}

void Transfer::finish(Slot& slot, const CopyMemory* copies) {
    slot.busy = false;
    ++finished_;
    if (!slot.result) {
        // Nothing more is asked for.
        if (result_) result_ = slot.result;
        left_ = 0;
        return;
    }
    if (copies == nullptr || operation_ == BlockOperation::write) return;
    const std::byte* from = copies->piece(slot.first_piece);
    for (std::size_t done = 0; done != slot.size;) {
        const auto piece = slot.place.next(static_cast<std::size_t>(slot.size) - done);
        std::memcpy(piece.data(), from + done, piece.size());
        done += piece.size();
    }
}

void Transfer::submit_idle(std::span<Slot> slots, CopyMemory* copies) {
    IntrusiveList<BlockRequest> batch;
    for (Slot& slot : slots) {
        if (left_ == 0) break;
        if (slot.busy) continue;
        slot.operation = operation_;
        slot.offset = offset_;
        slot.completed = &Transfer::completed;
        slot.context = this;
        slot.busy = true;
        slot.done.store(false, std::memory_order_relaxed);
        if (copies == nullptr)
            fill_directly(slot);
        else
            fill_copying(slot, *copies);
        ++submitted_;
        batch.push_back(slot);
    }
    if (!batch.empty()) device_.submit(batch);
}

Result<> Transfer::run_with(std::span<Slot> slots, CopyMemory* copies) {
    for (;;) {
        submit_idle(slots, copies);
        if (finished_ == submitted_) break;
        while (completed_.load() == finished_) wait_on_address(completed_, finished_);
        for (Slot& slot : slots)
            if (slot.busy && slot.done.load()) finish(slot, copies);
        if (copies == nullptr || left_ == 0 || slots.size() != copies->count()) continue;
        // The last pieces, and with them their slots, go to transfers that wait.
        std::size_t idle = 0;
        while (idle < slots.size() && !slots[slots.size() - 1 - idle].busy) ++idle;
        slots = slots.first(slots.size() - copies->return_surplus(idle));
    }
    // A completion may have set `done`, and not yet counted itself.
    for (std::uint32_t now = completed_.load(); now != submitted_; now = completed_.load())
        wait_on_address(completed_, now);
    return result_;
}

Result<> Transfer::run(std::size_t slots, CopyMemory* copies) {
    std::unique_ptr<Slot[]> many(slots > 1 ? new (std::nothrow) Slot[slots] : nullptr);
    // Small transfers, and those for which there is no memory, have one request at a time.
    Slot one;
    const std::span list = many ? std::span(many.get(), slots) : std::span(&one, 1);
    for (std::size_t i = 0; i != list.size(); ++i) list[i].first_piece = i;
    return run_with(list, copies);
}

Result<> Transfer::run_directly() {
    return run(
        static_cast<std::size_t>(std::min<std::uint64_t>((left_ + request_size_ - 1) / request_size_, most_requests)),
        nullptr);
}

Result<> Transfer::run_copying() {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, CopyMemory::most_pieces * CopyMemory::piece_size));
    const auto use = operation_ == BlockOperation::write ? CopyMemory::Use::write : CopyMemory::Use::read;
    CopyMemory copies(use, wanted, device_.block_size());
    if (copies.count() == 0) return fail(Error::no_memory);
    return run(copies.count(), &copies);
}

}  // namespace

Result<> transfer_blocks(BlockDevice& device, BlockOperation operation, std::uint64_t offset,
                         std::span<const BlockPart> memory) {
    std::uint64_t size = 0;
    bool direct = true;
    for (const BlockPart& part : memory) {
        size += part.size;
        // Every request is whole blocks, wherever it is cut.
        direct = direct && part.size % device.block_size() == 0 && in_dma_zone(part.data, part.size);
    }
    if (size == 0) return {};
    if (size % device.block_size() != 0) return fail(Error::invalid_argument);
    Transfer transfer(device, operation, offset, memory, size);
    return direct ? transfer.run_directly() : transfer.run_copying();
}

}  // namespace tenon
