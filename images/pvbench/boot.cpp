// SPDX-License-Identifier: Apache-2.0
// How long the machine's start took.
#include "measures.h"
#include "peer.h"
#include "system.h"

namespace pvbench {

Outcome boot_to_main(const Options&) {
    const auto time = system::start_to_main();
    if (!time) return LeaveOut(time.error());
    return one_sample(static_cast<double>(*time) / 1000);
}

Outcome boot_to_first_packet(const Options&) {
    // The answer came before the first measure: see await_peer().
    const auto time = first_answer();
    if (!time) return LeaveOut(time.error());
    return one_sample(static_cast<double>(*time) / 1000);
}

}  // namespace pvbench
