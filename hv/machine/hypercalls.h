// SPDX-License-Identifier: Apache-2.0
// Hypercalls, on every accelerator: one copy of the slot, checked, then acted upon.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "hv/accel/accelerator.h"
#include "hypercall/calls.h"

namespace hv {

/// What a hypercall can reach. Implemented by each accelerator; arguments are checked before.
class HypercallTarget {
public:
    virtual ~HypercallTarget() = default;
    virtual void console_write(std::string_view text) = 0;
    virtual void ready() = 0;
    /// The guest is over: it does not run again.
    virtual void end(GuestEnd end) = 0;
    /// `queues` has `queue_count` entries as the guest gave them. 0 or a CallError.
    virtual std::int64_t device_setup(std::uint64_t device, std::uint64_t features,
                                      std::span<const tenon::abi::QueueSetup> queues) = 0;
    virtual std::int64_t device_reset(std::uint64_t device) = 0;
    /// The driver writes `bytes` at `offset` of the device's configuration.
    virtual std::int64_t device_configure(std::uint64_t device, std::uint64_t offset,
                                          std::span<const std::byte> bytes) = 0;
};

enum class SlotOutcome {
    idle,      ///< nothing was submitted
    done,      ///< the result is in the slot; on `pv` the vCPU waits to be woken
    not_back,  ///< the call does not return
};

/// Serves the call in `slot`, if one is submitted. The slot is guest-writable memory at all times.
SlotOutcome serve_hypercall(tenon::abi::HypercallSlot& slot, HypercallTarget& target);

}  // namespace hv
