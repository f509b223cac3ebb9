// SPDX-License-Identifier: Apache-2.0
// Blocked calls, which a signal wakes.
#include "userland/posix/blocking.h"

namespace tenon::posix {

namespace {
constinit Locked<IntrusiveList<BlockedCall>> blocked_calls("blocked calls");
}

BlockedCall::BlockedCall(Event& event) : waiter_(event) {
    blocked_calls.with([&](auto& all) { all.push_back(*this); });
}

BlockedCall::~BlockedCall() {
    blocked_calls.with([&](auto& all) { all.remove(*this); });
}

void wake_blocked_calls() {
    blocked_calls.with([](auto& all) { all.for_each([](BlockedCall& call) { call.wake(); }); });
}

}  // namespace tenon::posix
