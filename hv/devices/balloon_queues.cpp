// SPDX-License-Identifier: Apache-2.0
// virtio-balloon: its queues.
#include <algorithm>

#include "hv/core/event_loop.h"
#include "hv/core/host_clock.h"
#include "hv/devices/balloon.h"
#include "hypercall/layout.h"

namespace hv {

namespace {

using tenon::abi::page_size;

Counter pages_inflated("balloon.pages_inflated");
Counter pages_deflated("balloon.pages_deflated");
Counter pages_reported("balloon.pages_reported");
Counter pages_kept("balloon.pages_reported_and_kept");  ///< not dropped, as the driver's poison must stay
Counter pages_hinted("balloon.pages_hinted");
Counter pages_refused("balloon.pages_refused");  ///< not in GuestPages, or not in the balloon as claimed
Counter odd_arrays("balloon.odd_arrays");        ///< arrays of frame numbers whose size is not a multiple of 4
Counter statistics_taken("balloon.statistics_taken");
Counter wrong_statistics("balloon.wrong_statistics");

/// Pages handled in one turn of the loop: some milliseconds if each needs a system call of its own.
constexpr std::size_t pages_per_turn = 2048;

/// Collects consecutive frame numbers, and gives them back by one system call.
class Run {
public:
    explicit Run(const GuestPages& pages) : pages_(pages) {}
    ~Run() { flush(); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    void add(std::uint64_t frame) {
        const bool above = count_ != 0 && frame == first_ + count_;
        const bool below =
            count_ != 0 && frame + 1 == first_;  // allocators return pages in ascending or descending order
        if (!above && !below) {
            flush();
            first_ = frame;
        } else if (below) {
            first_ = frame;
        }
        ++count_;
    }

private:
    void flush() {
        if (count_ != 0) pages_.discard({first_ * page_size, count_ * page_size});
        count_ = 0;
    }

    const GuestPages& pages_;
    std::uint64_t first_ = 0;
    std::uint64_t count_ = 0;
};

std::uint64_t pages_of(std::uint64_t bytes) { return (bytes + page_size - 1) / page_size; }

}  // namespace

void BalloonDevice::serve(std::uint32_t queue) {
    if (roles_[queue] == Role::statistics) return take_statistics(queue);
    if (work_[queue].continuation != 0) return;
    ring(queue)->suppress_doorbells();
    std::size_t budget = pages_per_turn;
    while (budget != 0) {
        if (work(queue, budget)) continue;
        if (ring(queue) == nullptr) return;
        publish(queue);
        if (!ring(queue)->resume_doorbells()) return;
    }
    publish(queue);
    continue_later(queue);
}

void BalloonDevice::continue_later(std::uint32_t queue) {
    work_[queue].continuation = loop_.after(0, [this, queue] {
        work_[queue].continuation = 0;
        if (ring(queue) != nullptr) serve(queue);
    });
}

/// Continues the chain in work, or starts the next one; takes at least 1 off `budget`. False: no chain is left.
bool BalloonDevice::work(std::uint32_t queue, std::size_t& budget) {
    Work& work = work_[queue];
    if (!work.chain) {
        --budget;
        if (!take_chain(queue)) return false;
    }
    const Role role = roles_[queue];
    const bool over = role == Role::inflate || role == Role::deflate ? take_frames(work, role, budget)
                                                                     : take_ranges(work, role, budget);
    if (!over) return true;
    ring(queue)->push(work.chain->head, 0);
    work.chain.reset();
    return true;
}

bool BalloonDevice::take_chain(std::uint32_t queue) {
    Work& work = work_[queue];
    work.make_room(ring(queue)->size());
    work.chain = pop(queue, work.space, work.names);
    if (!work.chain) return false;
    work.frames = ChainReader(work.chain->readable);
    work.range = work.done = 0;
    if (roles_[queue] == Role::hinting && !work.chain->readable.empty()) hear_hinting_command(work.frames);
    return true;
}

/// 5.5.6: handles a part of an array of frame numbers. True: the array is done.
bool BalloonDevice::take_frames(Work& work, Role role, std::size_t& budget) {
    Run run(*pages_);
    while (budget != 0) {
        std::array<std::uint32_t, 256> frames;
        const std::size_t wanted = std::min(frames.size(), budget);
        const std::size_t size = work.frames.read(std::as_writable_bytes(std::span(frames).first(wanted)));
        if (size % sizeof frames[0] != 0) odd_arrays.add();
        const std::size_t count = size / sizeof frames[0];
        for (const std::uint32_t frame : std::span(frames).first(count)) {
            const bool own = pages_->contains({std::uint64_t{frame} * page_size, page_size});
            if (!own || !(role == Role::inflate ? ballooned_.insert(frame) : ballooned_.erase(frame))) {
                pages_refused.add();
            } else if (role == Role::inflate) {
                pages_inflated.add();
                run.add(frame);
            } else {
                pages_deflated.add();
            }
        }
        budget -= count;
        if (size < wanted * sizeof frames[0]) return true;
    }
    return false;
}

/// 5.5.6.5, 5.5.6.7: handles ranges of whole pages. Skips a range as a whole if GuestPages does not contain all of it.
/// True: all ranges are done.
bool BalloonDevice::take_ranges(Work& work, Role role, std::size_t& budget) {
    while (work.range < work.chain->named.size()) {
        if (budget == 0) return false;
        const NamedRange& range = work.chain->named[work.range];
        if (work.done == 0 && !pages_->contains({range.address, range.size})) {
            pages_refused.add(pages_of(range.size));
            ++work.range;
            --budget;
            continue;
        }
        const std::uint64_t most = budget * page_size;
        const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(range.size - work.done, most));
        take_part(role, {range.address + work.done, size});
        budget -= size / page_size;
        work.done += size;
        if (work.done < range.size) return false;
        ++work.range;
        work.done = 0;
    }
    return true;
}

void BalloonDevice::take_part(Role role, const GuestPages::Range& part) {
    const std::uint64_t count = part.size / page_size;
    if (role == Role::reporting) {
        if (!discards_reports()) return pages_kept.add(count);
        pages_->discard(part);
        pages_reported.add(count);
        reported_ += count;
        return;
    }
    // Ranges of a round that has ended are outdated.
    if (guest_command_ != config_.free_page_hint_cmd_id || guest_command_ <= VIRTIO_BALLOON_CMD_ID_DONE) return;
    for (std::uint64_t frame = part.base / page_size, end = frame + count; frame < end; ++frame)
        if (hinted_.insert(frame)) pages_hinted.add();
}

/// 5.5.6.6: a discarded page reads as zeros. A driver that fills free pages with another value expects that value.
bool BalloonDevice::discards_reports() const {
    return (accepted_ >> VIRTIO_BALLOON_F_PAGE_POISON & 1) == 0 || config_.poison_val == 0;
}

void BalloonDevice::hear_hinting_command(ChainReader text) {
    std::uint32_t command = 0;
    if (text.read(std::as_writable_bytes(std::span(&command, 1))) < sizeof command) return;
    guest_command_ = command;
    if (command == VIRTIO_BALLOON_CMD_ID_STOP && acknowledge_hints_ &&
        config_.free_page_hint_cmd_id > VIRTIO_BALLOON_CMD_ID_DONE)
        set_hinting_command(VIRTIO_BALLOON_CMD_ID_DONE);
}

/// 5.5.6.3: the driver leaves one buffer with the device; hv returns it to ask for new statistics. Further buffers stay
/// in the ring.
void BalloonDevice::take_statistics(std::uint32_t queue) {
    do {
        if (statistics_buffer_) continue;
        work_[queue].space.resize(ring(queue)->size());
        const auto chain = pop(queue, work_[queue].space);
        if (!chain) continue;
        statistics_taken.add();
        if (!statistics_.take(ChainReader(chain->readable), host_monotonic_ns())) wrong_statistics.add();
        statistics_buffer_ = chain->head;
    } while (ring(queue) != nullptr && ring(queue)->resume_doorbells() && !statistics_buffer_);
}

}  // namespace hv
