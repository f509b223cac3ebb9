// SPDX-License-Identifier: Apache-2.0
// Telling the hypervisor that a program is ready for work.
#ifndef TENON_READY_H
#define TENON_READY_H

#ifdef __cplusplus
extern "C" {
#endif

/// The program serves from now on: ends the measured boot. The first call counts, further ones do nothing.
void tenon_ready(void);

#ifdef __cplusplus
}

namespace tenon {
inline void ready() { ::tenon_ready(); }
}  // namespace tenon
#endif

#endif
