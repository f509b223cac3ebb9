// SPDX-License-Identifier: Apache-2.0
// Jumps of time, for programs that keep data which expires: leases, sessions, tokens.
#ifndef TENON_CLOCK_H
#define TENON_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Returns another value if the machine was paused (or copied) since the last call. CLOCK_REALTIME is right as soon as
/// the machine resumes; CLOCK_MONOTONIC stood still meanwhile, so no time limit has run out by the pause. Costs one
/// load.
uint64_t tenon_clock_generation(void);

#ifdef __cplusplus
}
#endif

#endif
