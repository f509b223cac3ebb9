// SPDX-License-Identifier: Apache-2.0
// Rates from two readings of the counters.
#include "tools-agent/rates.h"

#include <algorithm>

namespace tenon::tools {

namespace {
constexpr Nanoseconds shortest = 1'000'000'000;
}

void InterfaceRates::sample(Nanoseconds now, const std::vector<NetInterfaceInformation>& interfaces) {
    older_ = std::move(newest_);
    newest_ = {now, interfaces};
}

std::vector<InterfaceRates::Rate> InterfaceRates::rates(Nanoseconds now,
                                                        const std::vector<NetInterfaceInformation>& interfaces) const {
    const Sample& since = now - std::min(now, newest_.time) >= shortest ? newest_ : older_;
    const Nanoseconds interval = std::max<Nanoseconds>(now - std::min(now, since.time), 1);
    std::vector<Rate> rates;
    for (const NetInterfaceInformation& interface : interfaces) {
        if (!interface.statistics) continue;
        const auto before = std::ranges::find(since.interfaces, interface.name, &NetInterfaceInformation::name);
        const bool known = before != since.interfaces.end() && before->statistics;
        const NetStatistics& to = *interface.statistics;
        const NetStatistics from = known ? *before->statistics : NetStatistics{};
        const auto per_second = [interval](std::uint64_t earlier, std::uint64_t later) {
            return static_cast<double>(later - std::min(earlier, later)) * 1e9 / static_cast<double>(interval);
        };
        rates.push_back({.name = interface.name.data(),
                         .interval = interval,
                         .rx_bytes = per_second(from.rx_bytes, to.rx_bytes),
                         .rx_packets = per_second(from.rx_packets, to.rx_packets),
                         .tx_bytes = per_second(from.tx_bytes, to.tx_bytes),
                         .tx_packets = per_second(from.tx_packets, to.tx_packets)});
    }
    return rates;
}

}  // namespace tenon::tools
