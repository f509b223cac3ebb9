// SPDX-License-Identifier: Apache-2.0
// The budget of copy memory, and its pieces.
#include "kernel/device/copy_memory.h"

#include <algorithm>
#include <mutex>

#include "kernel/base/address.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/wait.h"

namespace tenon {

namespace {

constexpr std::size_t largest_budget = 2 * 1024 * 1024;

/// A transfer that waits for its part. `granted` becomes the number of bytes, once.
struct Waiter : ListLink<> {
    std::size_t wanted;
    std::atomic<std::uint32_t> granted = 0;
    explicit Waiter(std::size_t bytes) : wanted(bytes) {}
};

/// How many bytes are given out to reads, or to writes, and who waits.
class Budget {
public:
    /// Bytes for a new transfer; 0: `waiter` waits in the list now.
    std::size_t ask(Waiter& waiter) {
        const std::lock_guard guard(lock_);
        ++transfers_;
        if (waiting_.empty())
            if (const std::size_t bytes = part_of(waiter.wanted); bytes != 0) return take(bytes);
        waiting_.push_back(waiter);
        return 0;
    }
    /// `last`: the transfer that had them has ended.
    void give_back(std::size_t bytes, bool last) {
        // Each is woken after the lock is released; after its store the waiter may be gone.
        for (;;) {
            const std::atomic<std::uint32_t>* woken = nullptr;
            {
                const std::lock_guard guard(lock_);
                used_ -= bytes;
                bytes = 0;
                if (last) --transfers_;
                last = false;
                if (Waiter* next = waiting_.front())
                    if (const std::size_t part = part_of(next->wanted); part != 0) {
                        waiting_.remove(*next);
                        woken = &next->granted;
                        next->granted.store(static_cast<std::uint32_t>(take(part)));
                    }
            }
            if (woken == nullptr) return;
            wake_address(*woken);
        }
    }
    /// What a transfer with `has` bytes, in pieces of `piece`, has beyond its part while others wait.
    std::size_t surplus(std::size_t has, std::size_t piece) {
        const std::lock_guard guard(lock_);
        if (waiting_.empty()) return 0;
        const std::size_t part = std::max(align_down(equal_part(), piece), piece);
        return has > part ? has - part : 0;
    }

private:
    static std::size_t size() { return std::clamp(dma_zone_size() / 16 * 3, CopyMemory::piece_size, largest_budget); }
    [[nodiscard]] std::size_t equal_part() const { return size() / std::max<std::size_t>(transfers_, 1); }
    /// What can be given of `wanted` bytes now: all, or some whole pieces, or nothing.
    [[nodiscard]] std::size_t part_of(std::size_t wanted) const {
        const std::size_t room = size() - used_;
        if (wanted <= CopyMemory::piece_size) return wanted <= room ? wanted : 0;
        // Alone: all that there is. Otherwise the first to come does not take all.
        const std::size_t part = transfers_ > 1 ? std::max(equal_part(), CopyMemory::piece_size) : wanted;
        return align_down(std::min({wanted, room, part}), CopyMemory::piece_size);
    }
    std::size_t take(std::size_t bytes) {
        used_ += bytes;
        return bytes;
    }

    Mutex lock_;
    std::size_t used_ = 0;
    std::size_t transfers_ = 0;  ///< that have memory or wait for it
    IntrusiveList<Waiter> waiting_;
};

constinit Budget for_reads;
constinit Budget for_writes;

Budget& budget_of(CopyMemory::Use use) { return use == CopyMemory::Use::read ? for_reads : for_writes; }

}  // namespace

CopyMemory::CopyMemory(Use use, std::size_t wanted, std::size_t block) : use_(use) {
    Budget& budget = budget_of(use);
    wanted = std::min(wanted, most_pieces * piece_size);
    if (wanted > piece_size) wanted = align_down(wanted + piece_size - 1, piece_size);
    Waiter waiter(wanted);
    charged_ = budget.ask(waiter);
    while (charged_ == 0) {
        wait_on_address(waiter.granted, 0);
        charged_ = waiter.granted.load();
    }
    const std::size_t got = allocate(charged_, block);
    if (got < charged_) budget.give_back(charged_ - got, false);
    charged_ = got;
}

/// Returns the bytes that it got: in pieces as planned, or one that is smaller.
std::size_t CopyMemory::allocate(std::size_t granted, std::size_t block) {
    const auto piece = [](std::size_t bytes) { return static_cast<std::byte*>(dma_allocate(bytes)); };
    size_ = std::min(granted, piece_size);
    while (count_ * size_ < granted) {
        std::byte* const memory = piece(size_);
        if (memory == nullptr) break;
        pieces_[count_++] = memory;
    }
    while (count_ == 0 && size_ > block) {
        size_ = std::max(align_down(size_ / 2, block), block);
        if (std::byte* const memory = piece(size_); memory != nullptr) pieces_[count_++] = memory;
    }
    return count_ * size_;
}

CopyMemory::~CopyMemory() {
    for (std::size_t i = 0; i != count_; ++i) dma_free(pieces_[i]);
    budget_of(use_).give_back(charged_, true);
}

std::size_t CopyMemory::return_surplus(std::size_t idle) {
    if (count_ < 2) return 0;
    const std::size_t surplus = budget_of(use_).surplus(charged_, size_) / size_;
    const std::size_t returned = std::min({surplus, idle, count_ - 1});
    for (std::size_t i = 0; i != returned; ++i) dma_free(pieces_[--count_]);
    charged_ -= returned * size_;
    if (returned != 0) budget_of(use_).give_back(returned * size_, false);
    return returned;
}

}  // namespace tenon
