// SPDX-License-Identifier: Apache-2.0
// What machine a program runs on: for programs that report or measure it.
#ifndef TENON_MACHINE_H
#define TENON_MACHINE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Texts live as long as the machine.
struct tenon_machine {
    const char* platform;      ///< "pv" and "hvm on hv" are machines of hv, "hvm" those of other hypervisors
    const char* clock_source;  ///< "hv", "kvm-clock", "tsc". The first two count from the machine's start
};
void tenon_get_machine(struct tenon_machine* machine);

/// A virtio device that has a driver and is up.
struct tenon_device {
    uint32_t virtio_id;  ///< virtio 1.2, section 5
    uint64_t features;   ///< the negotiated ones, a bit for each (section 6, and those of the device)
};
/// Device `index`, 0 being the first that was brought up; -1 if there is none, otherwise 0. A driver may bring its
/// device up some time after the program has started, or when it is first used. Thread-safe.
int tenon_get_device(unsigned index, struct tenon_device* device);

/// Makes a hypercall that changes nothing, so that its cost can be measured: 0, or -1 on a machine that is not hv's.
int tenon_null_hypercall(void);

#ifdef __cplusplus
}
#endif

#endif
