// SPDX-License-Identifier: Apache-2.0
// Packets and bytes per second of each interface.
#pragma once

#include <string>
#include <vector>

#include "tools-agent/guest.h"

namespace tenon::tools {

/// Rates since a sample that is at least a second old; since boot if there is none yet.
class InterfaceRates {
public:
    struct Rate {
        std::string name;
        Nanoseconds interval;
        double rx_bytes, rx_packets, tx_bytes, tx_packets;  ///< per second
    };
    void sample(Nanoseconds now, const std::vector<NetInterfaceInformation>& interfaces);
    [[nodiscard]] std::vector<Rate> rates(Nanoseconds now,
                                          const std::vector<NetInterfaceInformation>& interfaces) const;

private:
    struct Sample {
        Nanoseconds time = 0;
        std::vector<NetInterfaceInformation> interfaces;
    };
    Sample newest_, older_;
};

}  // namespace tenon::tools
