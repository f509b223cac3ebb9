// SPDX-License-Identifier: Apache-2.0
// Free page hinting: naming free memory that a migration need not send.
#include "balloon/hinting.h"

#include "kernel/mm/heap.h"

namespace tenon::balloon {

Hinting::~Hinting() { dma_free(command_); }

Result<> Hinting::serve() {
    if (!device_.has(Role::hinting)) return {};
    while (seen_changes_ != device_.configuration_changes()) {
        const std::uint32_t command = read_command();
        if (command == last_command_) continue;
        last_command_ = command;
        if (command == VIRTIO_BALLOON_CMD_ID_DONE) (void)release();
        // After STOP no more hints are sent, but hinted blocks stay untouched until DONE.
        if (command > VIRTIO_BALLOON_CMD_ID_DONE) CHECK(run_round(command));
    }
    return {};
}

std::uint32_t Hinting::read_command() {
    seen_changes_ = device_.configuration_changes();
    return device_.hint_command();
}

/// The device may end the round, or begin another one, at any time; serve() then reads the new command.
Result<> Hinting::run_round(std::uint32_t command) {
    CHECK(send_command(command));
    while (seen_changes_ == device_.configuration_changes()) {
        TRY(const bool more, send_blocks());
        if (!more) break;
    }
    return send_command(VIRTIO_BALLOON_CMD_ID_STOP);
}

Result<> Hinting::send_command(std::uint32_t command) {
    if (command_ == nullptr) command_ = static_cast<std::uint32_t*>(dma_allocate(sizeof(*command_)));
    if (command_ == nullptr) return fail(Error::no_memory);
    *command_ = command;
    const Piece piece{to_physical(command_), sizeof(*command_)};
    return device_.exchange(Role::hinting, Direction::device_reads, std::span(&piece, 1));
}

/// False: the guest can spare no more blocks.
Result<bool> Hinting::send_blocks() {
    BlockBatch batch;
    zone_.with([&](Zone& zone) {
        const auto spare = [&] { return zone.pages.free_pages() >= floor_ + (1U << HeldBlocks::largest_order); };
        while (!batch.full() && spare()) {
            const auto block = zone.pages.isolate(HeldBlocks::largest_order, HeldBlocks::largest_order);
            if (block.page == no_page) break;
            batch.add(block, PageState::free);
        }
    });
    if (batch.count == 0) return false;
    std::array<Piece, BlockBatch::capacity> pieces;
    std::size_t count = 0;
    for (const BlockBatch::Entry& entry : batch.all())
        pieces[count++] = {PhysicalAddress{entry.block.page * page_size},
                           static_cast<std::uint32_t>(page_size << entry.block.order)};
    const Result<> sent = device_.exchange(Role::hinting, Direction::device_writes, std::span(pieces).first(count));
    zone_.with([&](Zone& zone) {
        if (!sent) return batch.give_back(zone.pages);
        for (const BlockBatch::Entry& entry : batch.all()) held_.push(zone.pages, entry.block);
    });
    if (!sent) return fail(sent.error());
    return true;
}

std::uint64_t Hinting::release() {
    return zone_.with([&](Zone& zone) {
        const std::uint64_t pages = held_.pages();
        for (;;) {
            const auto block = held_.pop(zone.pages, UINT64_MAX);
            if (block.page == no_page) return pages;
            zone.pages.free(block.page, block.order, PageState::isolated, PageState::free);
        }
    });
}

}  // namespace tenon::balloon
