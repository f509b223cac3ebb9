// SPDX-License-Identifier: Apache-2.0
// Counters of network interfaces.
#ifndef TENON_NETWORK_H
#define TENON_NETWORK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Since boot. Thread-safe; fields are read one by one.
struct tenon_network_statistics {
    uint64_t rx_packets;
    uint64_t rx_bytes;    ///< of Ethernet frames, without their check sequence
    uint64_t rx_dropped;  ///< received, but there was no room
    uint64_t rx_errors;
    uint64_t tx_packets;
    uint64_t tx_bytes;
    uint64_t tx_dropped;
    uint64_t tx_errors;
};

/// Of interface `index` (0 is the first); -1 if there is no such interface, otherwise 0.
int tenon_get_network_statistics(unsigned index, struct tenon_network_statistics* statistics);

#ifdef __cplusplus
}
#endif

#endif
