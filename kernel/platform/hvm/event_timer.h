// SPDX-License-Identifier: Apache-2.0
// The one-shot timer of a vCPU, and waiting for events.
#pragma once

#include "hypercall/clock.h"
#include "kernel/base/nanoseconds.h"

namespace tenon::hvm {

/// Prepares the local APIC's timer, which is enabled: TSC deadline mode if the processor has it, else counting, at a
/// rate that is measured against the TSC in 1 ms. `clock` is the page that deadlines refer to.
void prepare_event_timer(const abi::PvClock& clock);

/// The same for another vCPU, at the rate of the first.
void prepare_event_timer_here();

/// Makes abi::event::timer pending on the calling vCPU at `deadline`, or earlier if it is farther away than the
/// hardware can count: the event's handler checks the clock.
void set_event_timer(Nanoseconds deadline);

/// Halts until an event is pending; the timer is set for `deadline`. Interrupts are masked in software.
void halt_until_event(Nanoseconds deadline);

/// Halts until the next interrupt, which comes within 50 us: leaves the processor to other vCPUs. The timer then has to
/// be set again, as after every timer interrupt.
void halt_briefly();

}  // namespace tenon::hvm
