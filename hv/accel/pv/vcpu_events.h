// SPDX-License-Identifier: Apache-2.0
// hv's side of the event protocol (hypercall/events.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "hypercall/events.h"

namespace hv::pv {

/// Wakes the thread that waits on `word`, a futex in shared memory.
void wake_futex(const void* word);

/// Sends events to one vCPU. The guest may write its part of the page at any time: nonsense there costs only its own
/// events.
class VcpuEventSender {
public:
    /// `kick` interrupts the vCPU. hv knows the vCPU's thread itself, and reads no id from the page.
    VcpuEventSender(tenon::abi::VcpuEvents& page, std::function<void()> kick) : page_(page), kick_(std::move(kick)) {}

    void send(std::uint32_t event);

private:
    tenon::abi::VcpuEvents& page_;
    std::function<void()> kick_;
};

}  // namespace hv::pv
