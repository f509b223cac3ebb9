// SPDX-License-Identifier: Apache-2.0
// The balloon driver: reacts to the device and to shortage of memory (virtio 1.2, section 5.5).
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

/// Has no threads, so that tests can drive it; balloon/driver.cpp starts them.
class Balloon {
public:
    struct Hooks {
        void (*changed)();  ///< serve() has something to do; also from interrupts and with the zone locked
    };
    /// `floor`: pages that stay free for the guest itself.
    Balloon(virtio::Transport& transport, LockedZone& zone, std::uint64_t floor, const Hooks& hooks);

    /// Brings the device up, also after it broke: pages in the balloon are freed first. Errors: those of
    /// BalloonDevice::bring_up. Called by the thread that calls serve().
    [[nodiscard]] Result<> start();

    /// Answers a request for statistics, executes hinting commands, and moves the balloon one step towards its target.
    /// Called by one thread until it returns `idle`, and again after Hooks::changed.
    enum class Served {
        more,         ///< there is more to do
        idle,         ///< nothing to do
        out_of_room,  ///< the target is more than can be spared; changed() is called when memory was freed
        resting,      ///< the guest was short of memory a moment ago: call again at rest_end()
        broken,       ///< the device broke: call start()
    };
    [[nodiscard]] Served serve();

    /// Frees blocks held for hinting and, if the device agreed to that (DEFLATE_ON_OOM), takes at least `wanted` bytes
    /// out of the balloon. Returns how many bytes were freed. Not for the thread of serve().
    std::uint64_t give_memory(std::uint64_t wanted);

    /// The balloon does not grow before this time: the guest, which was short of memory, is still allocating the pages
    /// that the balloon gave back.
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
    /// Guards inflation_ and hinting_. Never held during an allocation that may have to reclaim.
    Mutex mutex_;
    std::atomic<Nanoseconds> rest_end_ = 0;
    std::uint32_t actual_ = 0;  // last value written to the device
};

}  // namespace tenon::balloon
