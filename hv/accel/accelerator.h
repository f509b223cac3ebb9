// SPDX-License-Identifier: Apache-2.0
// What runs a guest: memory, vCPUs, doorbells out of it and events into it.
#pragma once

#include <unistd.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/guest_pages.h"
#include "hv/devices/device.h"
#include "hypercall/calls.h"
#include "hypercall/events.h"

namespace hv {

class Image;

/// How a guest ended.
struct GuestEnd {
    enum class Kind { shut_down, reboot, crashed, killed } kind;
    int exit_code = 0;     ///< shut_down: the guest's own
    std::string reason{};  ///< crashed: one line, "panic: ..." or "forbidden system call 59"
    bool has_report = false;
    tenon::abi::CrashReport report{};
    /// Where the thread's own variables are, and the kernel's for the vCPU; 0 = not known.
    std::uint64_t fs_base = 0, gs_base = 0;
};

/// What a machine is made of: read by the accelerator when it is created.
struct MachineSetup {
    std::string name;
    std::uint64_t memory_bytes;
    bool mergeable_memory = false;  ///< KSM may merge the guest's pages
    bool private_memory = false;    ///< all of it the guest's own from the start: no file's page, no zero page
    std::string command_line;
    const Image& image;
    std::span<Device* const> devices;  ///< not owned; the index is the device number
    std::uint64_t hv_start_tsc;
    std::string state_directory;  ///< shared by this user's machines: image store, clock cache. Empty: no cache
    EventLoop& loop;
    std::function<void(std::string_view)> console;  ///< text of console_write
    std::function<void()> ready;                    ///< the guest made the `ready` call
    std::function<void(GuestEnd)> ended;            ///< called once, on the loop's thread
};

/// Kinds of request that hv makes by the control event.
enum class GuestRequest : std::uint32_t { shutdown, reboot, reclaim, clock_jumped, sign_of_life };
/// The request as a bit of EventPage::control.
[[nodiscard]] constexpr std::uint32_t control_bit(GuestRequest request) {
    switch (request) {
        case GuestRequest::shutdown: return tenon::abi::control_request::shutdown;
        case GuestRequest::reboot: return tenon::abi::control_request::reboot;
        case GuestRequest::reclaim: return tenon::abi::control_request::reclaim;
        case GuestRequest::clock_jumped: return tenon::abi::control_request::clock_jumped;
        case GuestRequest::sign_of_life: return tenon::abi::control_request::sign_of_life;
    }
    return 0;
}

/// What the guest counts of its memory cooperation: claims of it; index: abi::MemoryCounter.
using MemoryCounters = std::array<std::uint64_t, static_cast<std::size_t>(tenon::abi::MemoryCounter::count)>;

/// One running machine. All calls on the event loop's thread. Destroying it ends the guest and frees what it had.
class Accelerator {
public:
    virtual ~Accelerator() = default;
    [[nodiscard]] virtual const char* name() const = 0;
    /// Lets the guest run. hv has confined itself before it calls this.
    virtual Result<> start() = 0;
    virtual void request(GuestRequest request) = 0;
    /// Whether the guest has taken the request up.
    [[nodiscard]] virtual bool has_taken(GuestRequest request) const = 0;
    /// The vCPU waits for events, and none is there. False where the host cannot see that.
    [[nodiscard]] virtual bool is_idle() const { return false; }
    /// Stops guest code, all of it, and the guest's clock. Errors: internal (it does not stop; it goes on then).
    virtual Result<> pause() = 0;
    /// Lets it go on, after its clock: it finds the right wall-clock time and a new clock generation, and its monotonic
    /// time goes on from where it stopped. After pause() only.
    virtual void resume() = 0;
    /// Ends the guest at once; `ended` is called with Kind::killed.
    virtual void kill() = 0;
    /// Stops a guest that does not go on by itself; `ended` is called with Kind::crashed, `reason`, and the registers,
    /// if they can be had. It stands still then, as one that has reported its crash does, for as long as this object
    /// lives.
    virtual void end_hung(std::string reason) = 0;
    /// RAM by guest-physical address, ascending.
    [[nodiscard]] virtual std::span<const tenon::abi::MemoryRange> ram() const = 0;
    /// Copies RAM of a guest that stands still, which may be any bytes. Returns how much, from the start; less than all
    /// where something is not RAM or the guest has made it inaccessible, or where the guest's process is gone.
    [[nodiscard]] virtual std::size_t read_ram(std::uint64_t address, std::span<std::byte> bytes) const = 0;
    /// The process in which guest code runs: hv itself on `kvm`. For hv's confinement.
    [[nodiscard]] virtual pid_t guest_process() const { return getpid(); }
    /// The thread of it in which guest code runs.
    [[nodiscard]] virtual pid_t guest_thread() const = 0;
    /// The RAM that the guest may give back; as long as the accelerator.
    [[nodiscard]] virtual const GuestPages& pages() const = 0;
    [[nodiscard]] virtual MemoryCounters memory_counters() const = 0;
    /// Has about `bytes` of RAM written to the host's swap: by hv itself on `kvm`, by the guest on `pv`. Returns before
    /// it is done.
    virtual void page_out(std::uint64_t bytes) = 0;
    /// CPU time that guest code used, in ns.
    [[nodiscard]] virtual std::uint64_t guest_cpu_ns() const = 0;
    /// TSC values of the guest's boot marks (0 = not reached), index abi::BootMark; and when the guest was entered.
    struct BootTimes {
        std::uint64_t guest_entry_tsc;
        std::uint64_t marks[8];
    };
    [[nodiscard]] virtual BootTimes boot_times() const = 0;
};

[[nodiscard]] inline MemoryCounters read_memory_counters(const tenon::abi::EventPage& page) {
    MemoryCounters counters{};
    for (std::size_t i = 0; i < counters.size(); ++i) counters[i] = page.memory_counters[i].load();
    return counters;
}

}  // namespace hv
