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

/// The ring is restricted before its first use, permanently: it accepts only reads, writes, flushes and hole punching
/// on the files given at its creation, and no further registrations, even from a hostile guest that has taken hv over.
class IoRing {
public:
    /// Limit of operations that each file may have queued or in flight.
    static constexpr std::uint32_t depth = 128;

    /// `files` and `loop` outlive the ring. Error: host_lacks, with the reason.
    static Result<std::unique_ptr<IoRing>> create(EventLoop& loop, std::span<const int> files);
    ~IoRing();
    IoRing(const IoRing&) = delete;
    IoRing& operator=(const IoRing&) = delete;

    /// The ring's descriptor, for hv's confinement.
    [[nodiscard]] int fd() const { return ring_.ring_fd; }
    /// Creates the engine of the file with this index; once for each. The ring outlives it.
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
    std::vector<Engine*> engines_;  ///< index: file; null = not created, or destroyed
};

}  // namespace hv
