// SPDX-License-Identifier: Apache-2.0
// hv's side of the ABI between hv and a Tenon guest over the I/O zone, the same on every accelerator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "hv/core/clock.h"
#include "hv/core/event_loop.h"
#include "hv/guest/guest_end.h"
#include "hv/guest/hypercalls.h"
#include "hv/guest/io_zone.h"
#include "hypercall/events.h"

namespace hv {

/// Requests that hv makes of a guest by the control event.
enum class GuestRequest : std::uint32_t { shutdown, reboot, reclaim, clock_jumped, sign_of_life };

/// The guest's counters of its memory cooperation; index: abi::MemoryCounter. The guest writes them: hv shows them, and
/// decides nothing by them.
using MemoryCounters = std::array<std::uint64_t, static_cast<std::size_t>(tenon::abi::MemoryCounter::count)>;

/// TSC values of a boot.
struct BootTimes {
    std::uint64_t guest_entry_tsc;       ///< 0 = not entered yet
    std::array<std::uint64_t, 8> marks;  ///< set by the guest; 0 = not reached; index: abi::BootMark
};

/// Requests, hypercalls, clock, marks and counters. All calls on the event loop's thread.
class TenonGuest final : private HypercallTarget {
public:
    /// How the guest reaches the rest of hv. Called on the loop's thread.
    struct Host {
        /// Raises an event in a vCPU: event::control in the first one, or another vCPU's event::reschedule.
        std::function<void(std::uint32_t vcpu, std::uint32_t event)> raise;
        std::function<void(std::string_view)> console;  ///< text of the console_write call
        std::function<void()> ready;                    ///< the program is ready for work
        std::function<void(GuestEnd)> ended;            ///< by the calls shutdown and crash; may destroy the guest
    };
    /// The zone's memory outlives the guest. `clock_start`: see HostClocks.
    TenonGuest(IoZone zone, const ClockPair& clock_start, Host host)
        : zone_(zone), clock_(zone.clock(), {.start = clock_start}), host_(std::move(host)) {}

    [[nodiscard]] const IoZone& zone() const { return zone_; }

    /// Starts guest time, and notes the moment of the entry. The vCPUs run right after it. `loop` outlives the guest.
    void start(EventLoop& loop);
    /// Stops guest time. The vCPUs stand still already.
    void pause() { clock_.pause(); }
    /// Guest time continues where it stopped, with the host's wall clock; the guest gets GuestRequest::clock_jumped.
    /// The vCPUs run right after it.
    void resume() { clock_.resume(); }

    void request(GuestRequest request);
    /// The guest has begun to serve the request.
    [[nodiscard]] bool has_taken(GuestRequest request) const;
    /// Asks the guest to have about `bytes` of its RAM written to the host's swap: where hv does not map that RAM.
    void request_page_out(std::uint64_t bytes);
    /// The vCPU waits for events, and none is pending; or it has not been started. False where its wait is not visible
    /// in the event page (on `kvm`, where it executes `hlt`).
    [[nodiscard]] bool is_idle(std::uint32_t vcpu) const;
    /// Asks a vCPU other than the first, which serves the requests, for a sign of life: to look at its events.
    void ask_vcpu(std::uint32_t vcpu) { host_.raise(vcpu, tenon::abi::event::reschedule); }
    /// The vCPU has looked at its events since then.
    [[nodiscard]] bool vcpu_answered(std::uint32_t vcpu) const;

    /// Serves the call in the slot of `vcpu`, if one is submitted. `devices`: null where devices have registers, and
    /// device calls get CallError::unsupported. After SlotOutcome::not_back this object may be gone.
    SlotOutcome serve_call(std::uint32_t vcpu, DeviceCalls* devices) {
        calling_vcpu_ = vcpu;
        return serve_hypercall(zone_.slot(vcpu), *this, devices);
    }

    [[nodiscard]] BootTimes boot_times() const;
    [[nodiscard]] MemoryCounters memory_counters() const;

private:
    void console_write(std::string_view text) override { host_.console(text); }
    void ready() override { host_.ready(); }
    void end(GuestEnd end) override {
        end.vcpu = calling_vcpu_;
        host_.ended(std::move(end));
    }
    void send(std::uint32_t control_bits);

    IoZone zone_;
    std::uint32_t calling_vcpu_ = 0;
    MachineClock clock_;
    Host host_;
    std::uint64_t entry_tsc_ = 0;
};

}  // namespace hv
