// SPDX-License-Identifier: Apache-2.0
// The io_uring that all disks of a machine share (io_uring(7)).
#pragma once

#include <liburing.h>

#include <memory>
#include <span>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/devices/blk/io_engine.h"

namespace hv {

/// Restricted before its first use: it reads, writes, flushes and punches holes in the files that it was made with, and
/// nothing else can be asked of it or registered with it any more, whatever happens to hv.
class IoRing {
public:
    /// Operations that each file may have queued or under way.
    static constexpr std::uint32_t depth = 128;

    /// `files` and `loop` outlive the ring. Error: host_lacks, with the reason.
    static Result<std::unique_ptr<IoRing>> create(EventLoop& loop, std::span<const int> files);
    ~IoRing();
    IoRing(const IoRing&) = delete;
    IoRing& operator=(const IoRing&) = delete;

    /// For hv's confinement.
    [[nodiscard]] int fd() const { return ring_.ring_fd; }
    /// The engine of the file with this index; once each. The ring outlives it.
    [[nodiscard]] std::unique_ptr<IoEngine> engine(std::uint32_t file);

private:
    class Engine;
    explicit IoRing(EventLoop& loop) : loop_(loop) {}
    Result<> set_up(std::span<const int> files);
    [[nodiscard]] io_uring_sqe* next_entry();
    [[nodiscard]] bool submit();
    void deliver();
    void announce(const Engine* except);
    void on_event();

    EventLoop& loop_;
    io_uring ring_{};
    bool made_ = false;
    std::vector<Engine*> engines_;  ///< by file; null: not taken, or gone
};

}  // namespace hv
