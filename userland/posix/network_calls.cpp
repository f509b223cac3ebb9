// SPDX-License-Identifier: Apache-2.0
// tenon/network.h: an image without a network has no interfaces.
#include <tenon/network.h>

#include "kernel/device/net_device.h"

extern "C" int tenon_get_network_statistics(unsigned index, tenon_network_statistics* statistics) {
    const auto devices = tenon::net_devices();
    if (index >= devices.size()) return -1;
    const tenon::NetStatistics counted = devices[index]->statistics();
    *statistics = {.rx_packets = counted.rx_packets,
                   .rx_bytes = counted.rx_bytes,
                   .rx_dropped = counted.rx_dropped,
                   .rx_errors = counted.rx_errors,
                   .tx_packets = counted.tx_packets,
                   .tx_bytes = counted.tx_bytes,
                   .tx_dropped = counted.tx_dropped,
                   .tx_errors = counted.tx_errors};
    return 0;
}
