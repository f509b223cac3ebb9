// SPDX-License-Identifier: Apache-2.0
// Receive buffers: memory in the DMA zone for the device to fill, and private records for the stack to hold.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <new>
#include <optional>

#include "kernel/base/address.h"
#include "kernel/base/result.h"
#include "kernel/device/net_device.h"
#include "kernel/mm/heap.h"
#include "kernel/trap/spin_lock.h"

namespace tenon::virtio {

/// Memory of buffers and records stays untouched until a frame is received. Any thread may give a buffer back.
class ReceivePool {
public:
    /// A frame of 1514 bytes and its header fit into one, one that the device has joined into seventeen.
    static constexpr std::size_t buffer_size = 4096;

    /// How many buffers a device is given in a DMA zone of `zone_bytes`: a power of two, as rings want it, that takes
    /// at most a third of the zone, because sent data and disks need room too.
    [[nodiscard]] static constexpr std::uint16_t count_for(std::uint64_t zone_bytes) {
        constexpr std::uint64_t least = 32, most = 256;
        return static_cast<std::uint16_t>(std::bit_floor(std::clamp(zone_bytes / 3 / buffer_size, least, most)));
    }

    ReceivePool() = default;
    ReceivePool(const ReceivePool&) = delete;
    ReceivePool& operator=(const ReceivePool&) = delete;
    ~ReceivePool() {
        dma_free(memory_);
        heap_free(records_);
        heap_free(free_);
    }

    /// `returned(context)` is called when a buffer comes back after set_hungry(true). Error: no_memory.
    [[nodiscard]] Result<> create(std::uint16_t count, void (*returned)(void* context), void* context) {
        memory_ = static_cast<std::byte*>(dma_allocate(count * buffer_size, page_size));
        records_ = static_cast<Record*>(heap_allocate(count * sizeof(Record), alignof(Record)));
        free_ = static_cast<std::uint16_t*>(heap_allocate(count * sizeof(std::uint16_t)));
        if (memory_ == nullptr || records_ == nullptr || free_ == nullptr) return fail(Error::no_memory);
        count_ = count;
        returned_ = returned;
        context_ = context;
        return {};
    }

    [[nodiscard]] std::uint16_t count() const { return count_; }
    [[nodiscard]] std::byte* memory(std::uint16_t index) const { return memory_ + index * buffer_size; }

    /// A free buffer. The one given back last comes first: its memory is most likely in a cache.
    [[nodiscard]] std::optional<std::uint16_t> take() {
        const SpinLock::Guard guard(lock_);
        if (free_count_ > 0) return free_[--free_count_];
        if (never_taken_ < count_) return never_taken_++;
        return std::nullopt;
    }
    void give_back(std::uint16_t index) {
        const SpinLock::Guard guard(lock_);
        free_[free_count_++] = index;
    }

    /// Lends buffer `index` to the stack, which returns it by ReceiveBuffer::release().
    [[nodiscard]] ReceiveBuffer& lend(std::uint16_t index, std::span<std::byte> data) {
        auto* record = new (&records_[index]) Record;
        record->data = data;
        record->pool = this;
        record->index = index;
        lent_.fetch_add(1, std::memory_order_relaxed);
        return *record;
    }
    /// The stack holds more than three quarters of the buffers.
    [[nodiscard]] bool scarce() const { return lent_.load(std::memory_order_relaxed) > std::uint32_t{count_} * 3 / 4; }
    /// The driver has too few buffers posted: `returned` is called when one comes back.
    void set_hungry(bool hungry) { hungry_.store(hungry); }

private:
    struct Record final : ReceiveBuffer {
        void release() override { pool->take_back(index); }
        ReceivePool* pool;
        std::uint16_t index;
    };

    void take_back(std::uint16_t index) {
        lent_.fetch_sub(1, std::memory_order_relaxed);
        give_back(index);
        if (hungry_.load() && hungry_.exchange(false)) returned_(context_);
    }

    std::byte* memory_ = nullptr;
    Record* records_ = nullptr;
    std::uint16_t* free_ = nullptr;
    std::uint16_t count_ = 0;
    std::uint16_t free_count_ = 0;
    std::uint16_t never_taken_ = 0;
    std::atomic<std::uint32_t> lent_ = 0;
    std::atomic<bool> hungry_ = false;
    void (*returned_)(void*) = nullptr;
    void* context_ = nullptr;
    SpinLock lock_{"receive pool"};
};

}  // namespace tenon::virtio
