// SPDX-License-Identifier: Apache-2.0
// The limit of ICMP errors: 1000 per second, 50 at once, as Linux has it (icmp_msgs_per_sec, icmp_msgs_burst).
#include <algorithm>

#include "hooks.h"
#include "kernel/time/clock.h"
#include "lwip/netif.h"

namespace {

constexpr tenon::Nanoseconds interval = 1'000'000, burst = 50 * interval;
constinit tenon::Nanoseconds credit_from = 0;  // one error more for each interval since then

}  // namespace

int tenon_net_icmp_error_allowed(const netif* interface) {
    if (interface != nullptr && (interface->flags & NETIF_FLAG_ETHERNET) == 0) return 1;  // the loopback interface
    const tenon::Nanoseconds now = tenon::monotonic_now();
    credit_from = std::max(credit_from, now > burst ? now - burst : 0);
    if (now < credit_from + interval) return 0;
    credit_from += interval;
    return 1;
}
