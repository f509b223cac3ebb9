// SPDX-License-Identifier: Apache-2.0
// The balloon driver: what is done when the device or the memory asks for it (virtio 1.2, section 5.5).
#pragma once

#include <atomic>
#include <cstdint>

#include "balloon/device.h"
#include "balloon/free_reporter.h"
#include "balloon/hinting.h"
#include "balloon/inflation.h"
#include "balloon/statistics.h"
#include "kernel/sched/sync.h"

namespace tenon::balloon {

/// Without threads of its own (balloon/driver.cpp has them), so that tests drive it.
class Balloon {
public:
    struct Hooks {
        void (*changed)();  ///< serve() has something to do; also from interrupts and with the zone locked
    };
    /// `floor`: pages that stay free for the guest itself.
    Balloon(virtio::Transport& transport, LockedZone& zone, std::uint64_t floor, const Hooks& hooks);

    /// Brings the device up, or up again after it broke: then everything in the balloon is free first. Errors: those of
    /// BalloonDevice::bring_up. Called by the thread that calls serve().
    [[nodiscard]] Result<> start();

    /// Answers a request for statistics, follows hinting commands, and moves the balloon towards its target by one
    /// step. Called by one thread, until it says `idle`, then again after Hooks::changed.
    enum class Served {
        more,         ///< there is more to do
        idle,         ///< nothing to do
        out_of_room,  ///< the target wants more than can be spared; changed() comes when memory was freed
        resting,      ///< the guest was short of memory a moment ago: again at rest_end()
        broken,       ///< the device is lost: start()
    };
    [[nodiscard]] Served serve();

    /// Takes at least `wanted` bytes back from the host if it agreed to that (DEFLATE_ON_OOM), and what is held for
    /// hinting. Returns how many bytes. Any thread but that of serve().
    std::uint64_t give_memory(std::uint64_t wanted);

    /// Until then the balloon does not grow: what it gave to a guest without memory is about to be taken, piece by
    /// piece.
    [[nodiscard]] Nanoseconds rest_end() const { return rest_end_.load(); }

    [[nodiscard]] FreeReporter& reporter() { return reporter_; }
    [[nodiscard]] BalloonDevice& device() { return device_; }
    [[nodiscard]] std::uint64_t pages() const { return inflation_.pages(); }

private:
    [[nodiscard]] Served adjust();
    void write_actual();
    void watch_for_room(std::uint64_t missing);

    LockedZone& zone_;
    Hooks hooks_;
    BalloonDevice device_;
    Inflation inflation_;
    Hinting hinting_;
    Statistics statistics_;
    FreeReporter reporter_;
    /// Holds inflation_ and hinting_. Never held while something is allocated that may have to reclaim.
    Mutex mutex_;
    std::atomic<Nanoseconds> rest_end_ = 0;
    std::uint32_t actual_ = 0;  // as the device was last told
};

}  // namespace tenon::balloon
