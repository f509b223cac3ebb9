// SPDX-License-Identifier: Apache-2.0
// Blocks of metadata in memory.
#include "kernel/fs/ext4/block_cache.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace tenon::ext4 {

namespace {

using UseList = IntrusiveList<Buffer, UseTag>;
using TransactionList = IntrusiveList<Buffer, TransactionTag>;

}  // namespace

void BlockCache::destroy(Buffer& buffer) {
    heap_free(buffer.data);
    heap_free(buffer.committed);
    heap_free(&buffer);
}

BlockCache::~BlockCache() {
    for (UseList* list : {&used_, &forgotten_, &freed_})
        while (Buffer* buffer = list->pop_front()) destroy(*buffer);
}

Outcome<Buffer*> BlockCache::get(std::uint64_t number, bool is_overwritten) {
    if (Buffer* found = buffers_.find(number); found != nullptr) {
        UseList::remove(*found);
        used_.push_back(*found);
        return found;
    }
    if (number >= store_.size() / block_size_) return fail_with(EIO);
    auto* data = static_cast<std::byte*>(heap_allocate(block_size_));
    void* memory = heap_allocate(sizeof(Buffer));
    Outcome<> done = data != nullptr && memory != nullptr ? Outcome<>() : fail_with(ENOMEM);
    if (done && !is_overwritten) {
        const StorePiece piece{number * block_size_, data, block_size_};
        done = store_.read({&piece, 1});
    }
    Buffer* buffer = done ? new (memory) Buffer{} : nullptr;
    if (done) done = buffers_.insert(number, *buffer);
    if (!done) {
        heap_free(data);
        heap_free(memory);
        return std::unexpected(done.error());
    }
    buffer->number = number;
    buffer->data = data;
    used_.push_back(*buffer);
    return buffer;
}

Outcome<> BlockCache::read(std::uint64_t offset, std::span<std::byte> buffer) {
    while (!buffer.empty()) {
        TRY(const Buffer* from, get(offset / block_size_, false));
        const std::size_t within = offset % block_size_;
        const std::size_t size = std::min<std::size_t>(buffer.size(), block_size_ - within);
        std::memcpy(buffer.data(), from->data + within, size);
        buffer = buffer.subspan(size);
        offset += size;
    }
    return {};
}

/// Ahead of the first change in a transaction: keeps the committed contents for whoever writes them.
Outcome<> BlockCache::change(Buffer& buffer) {
    if (buffer.is_changed) return {};
    if ((buffer.is_logged || buffer.is_written) && buffer.committed == nullptr) {
        auto* copy = static_cast<std::byte*>(heap_allocate(block_size_));
        if (copy == nullptr) return fail_with(ENOMEM);
        std::memcpy(copy, buffer.data, block_size_);
        buffer.committed = std::exchange(buffer.data, copy);
    }
    buffer.is_changed = true;
    changed_.push_back(buffer);
    ++changed_count_;
    return {};
}

Outcome<> BlockCache::write(std::uint64_t offset, std::span<const std::byte> data) {
    while (!data.empty()) {
        const std::size_t within = offset % block_size_;
        const std::size_t size = std::min<std::size_t>(data.size(), block_size_ - within);
        TRY(Buffer * to, get(offset / block_size_, size == block_size_));
        // Much is written that is as it was.
        if (to->is_changed || std::memcmp(to->data + within, data.data(), size) != 0 || size == block_size_) {
            CHECK(change(*to));
            std::memcpy(to->data + within, data.data(), size);
        }
        data = data.subspan(size);
        offset += size;
    }
    return {};
}

void BlockCache::unchange(Buffer& buffer) {
    TransactionList::remove(buffer);
    --changed_count_;
    buffer.is_changed = false;
}

void BlockCache::drop_committed(Buffer& buffer) { heap_free(std::exchange(buffer.committed, nullptr)); }

bool BlockCache::forget(std::uint64_t number) {
    Buffer* buffer = buffers_.find(number);
    if (buffer == nullptr) return false;
    if (buffer->is_changed) unchange(*buffer);
    buffers_.erase(number);
    UseList::remove(*buffer);
    if (!buffer->is_logged) {
        destroy(*buffer);
        return false;
    }
    buffer->is_forgotten = true;
    forgotten_.push_back(*buffer);
    return true;
}

void BlockCache::begin_commit() {
    while (Buffer* buffer = forgotten_.pop_front()) freed_.push_back(*buffer);
}

void BlockCache::end_commit() {
    while (Buffer* buffer = freed_.pop_front()) destroy(*buffer);
}

void BlockCache::written(Buffer& buffer) {
    buffer.is_written = false;
    if (!buffer.is_forgotten || buffer.is_logged) return;
    UseList::remove(buffer);
    destroy(buffer);
}

Outcome<> BlockCache::logged(Array<Buffer*>& buffers) {
    std::uint64_t number = 0;
    for (; Buffer* buffer = buffers_.next(number); ++number)
        if (buffer->is_logged) CHECK(buffers.push_back(buffer));
    Outcome<> result;
    forgotten_.for_each([&](Buffer& buffer) {
        if (result) result = buffers.push_back(&buffer);
    });
    return result;
}

void BlockCache::shrink(std::size_t most) {
    if (buffers_.count() <= most) return;
    used_.for_each([&](Buffer& buffer) {
        if (buffers_.count() <= most || buffer.is_changed || buffer.is_logged || buffer.is_written) return;
        buffers_.erase(buffer.number);
        UseList::remove(buffer);
        destroy(buffer);
    });
}

}  // namespace tenon::ext4
