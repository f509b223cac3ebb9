// SPDX-License-Identifier: Apache-2.0
// Making hypercalls. pv and kvm use the same slots and differ in how they notify hv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "hypercall/calls.h"

namespace tenon {

/// Set once at boot, by the platform: the vCPUs' slots in the I/O zone, and a function that has hv serve one and
/// returns when hv has set its state to done.
struct HypercallGate {
    abi::HypercallSlot* slots;
    void (*submit)(abi::HypercallSlot& slot, std::uint32_t vcpu);
};
void set_hypercall_gate(const HypercallGate& gate);

/// Makes a call on the current vCPU: up to four arguments, and data of at most sizeof(HypercallSlot::data) bytes.
/// Returns hv's result: 0 or more, or an abi::CallError. Masks interrupts meanwhile, because each vCPU has one slot.
std::int64_t hypercall(abi::Call call, std::initializer_list<std::uint64_t> arguments = {},
                       std::span<const std::byte> data = {});

/// A call that changes nothing, so that its cost can be measured. False: the machine is not hv's.
[[nodiscard]] bool null_hypercall();

}  // namespace tenon
