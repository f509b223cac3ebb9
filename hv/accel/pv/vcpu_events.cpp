// SPDX-License-Identifier: Apache-2.0
// hv's side of the event protocol.
#include "hv/accel/pv/vcpu_events.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hv/core/counters.h"

namespace hv::pv {

namespace {

Counter sent("events.sent");
Counter suppressed("events.suppressed");
Counter wakes("events.wakes");
Counter kicks("events.kicks");

}  // namespace

void wake_futex(const void* word) { syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0); }

void VcpuEventSender::send(std::uint32_t event) {
    const std::uint64_t bit = 1ULL << event;
    sent.add();
    // The event is pending already, or the vCPU was notified and has not looked at `pending` yet.
    if ((page_.pending.fetch_or(bit) & bit) != 0 || page_.upcall_pending.exchange(1) == 1) {
        suppressed.add();
        return;
    }
    const tenon::abi::VcpuState state = page_.state.load();
    if (state == tenon::abi::VcpuState::blocked) {
        wakes.add();
        wake_futex(&page_.upcall_pending);
    } else if (state != tenon::abi::VcpuState::polling && page_.upcall_mask.load() == 0) {
        kicks.add();
        kick_();
    } else {
        suppressed.add();
    }
}

}  // namespace hv::pv
