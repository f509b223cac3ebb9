// SPDX-License-Identifier: Apache-2.0
// Telling the hypervisor that a program is ready for work.
#ifndef TENON_READY_H
#define TENON_READY_H

#ifdef __cplusplus
extern "C" {
#endif

/// Reports that the program serves from now on, which ends the measured boot. Calls after the first do nothing.
void tenon_ready(void);

#ifdef __cplusplus
}

namespace tenon {
inline void ready() { ::tenon_ready(); }
}  // namespace tenon
#endif

#endif
