// SPDX-License-Identifier: Apache-2.0
// hv's side of the event protocol (hypercall/events.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "hypercall/events.h"

namespace hv::pv {

/// Wakes whoever waits on a futex in memory that processes share.
void wake_futex(const void* word);

/// Sends events to one vCPU. The page is guest-writable: a guest that writes nonsense to it loses its own events.
class VcpuEventSender {
public:
    /// `kick` interrupts the vCPU; its target is hv's own knowledge, never something read from the page.
    VcpuEventSender(tenon::abi::VcpuEvents& page, std::function<void()> kick) : page_(page), kick_(std::move(kick)) {}

    void send(std::uint32_t event);

private:
    tenon::abi::VcpuEvents& page_;
    std::function<void()> kick_;
};

}  // namespace hv::pv
