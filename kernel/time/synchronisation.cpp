// SPDX-License-Identifier: Apache-2.0
// What a time server's client has done.
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
