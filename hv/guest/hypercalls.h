// SPDX-License-Identifier: Apache-2.0
// Hypercalls on every accelerator: hv copies the slot once, checks the copy, and acts upon it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hv/guest/guest_end.h"
#include "hypercall/calls.h"

namespace hv {

/// The effects of hypercalls outside of devices. serve_hypercall() has checked the arguments.
class HypercallTarget {
public:
    virtual ~HypercallTarget() = default;
    virtual void console_write(std::string_view text) = 0;
    virtual void ready() = 0;
    /// The guest has ended, and does not run again.
    virtual void end(GuestEnd end) = 0;
};

/// Devices that a guest drives by hypercalls instead of registers. The arguments are the guest's, and not checked; each
/// call returns 0 or a CallError.
class DeviceCalls {
public:
    virtual ~DeviceCalls() = default;
    virtual std::int64_t setup(std::uint64_t device, std::uint64_t features,
                               std::span<const tenon::abi::QueueSetup> queues) = 0;
    virtual std::int64_t reset(std::uint64_t device) = 0;
    /// The driver writes `bytes` at `offset` of the device's configuration.
    virtual std::int64_t configure(std::uint64_t device, std::uint64_t offset, std::span<const std::byte> bytes) = 0;
};

enum class SlotOutcome {
    idle,      ///< no call was submitted
    done,      ///< the result is in the slot; on `pv` the vCPU waits to be woken
    not_back,  ///< the call does not return to the guest
};

/// Serves the call in `slot`, if one is submitted. The guest may write the slot at any time. `devices`: null where the
/// guest's devices have registers.
SlotOutcome serve_hypercall(tenon::abi::HypercallSlot& slot, HypercallTarget& target, DeviceCalls* devices);

}  // namespace hv
