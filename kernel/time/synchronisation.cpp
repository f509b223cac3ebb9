// SPDX-License-Identifier: Apache-2.0
// The state of the time server's client.
#include "kernel/time/synchronisation.h"

#include "kernel/trap/spin_lock.h"

namespace tenon {

namespace {
constinit Locked<std::optional<Synchronisation>> last{"synchronisation"};
}

void note_synchronisation(const Synchronisation& state) {
    last.with([&](auto& kept) { kept = state; });
}

std::optional<Synchronisation> last_synchronisation() {
    return last.with([](const auto& kept) { return kept; });
}

}  // namespace tenon
