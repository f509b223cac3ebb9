// SPDX-License-Identifier: Apache-2.0
// A program's handlers for copies and pauses of its machine.
#ifndef TENON_LIFECYCLE_H
#define TENON_LIFECYCLE_H

#ifdef __cplusplus
extern "C" {
#endif

/// Handlers of the program, called on a thread of their own, in turn. Needs the feature `agent`, which asks for them by
/// the guest agent's fsfreeze commands.
struct tenon_freeze_handlers {
    /// Makes stored data consistent and stops changing it. Returns 0, or an errno value: the host then gets an error.
    int (*freeze)(void* context);
    /// The copy is made, or the host did not report that in time (10 s by default): the program continues.
    void (*thaw)(void* context);
    void* context;
    /// Time limit of each call. A longer one is reported to the host as an error, and a freeze that returns late is
    /// followed by a thaw. 1 to 30,000.
    unsigned limit_ms;
};

/// To be called once. Returns 0, EINVAL (a handler is missing, or the limit out of range), EBUSY (they are set), or
/// ENOMEM.
int tenon_set_freeze_handlers(const struct tenon_freeze_handlers* handlers);

/// Handler of the program that is called when the machine resumes after a pause, to check data that may have expired
/// (leases, sessions, tokens, connections). Called on a thread of its own, once for each pause, but several pauses
/// during a call are followed by one more call. CLOCK_REALTIME is right already; CLOCK_MONOTONIC stood still. On
/// machines of hv only; other hypervisors send no notice. The program's other threads may run before the call: code
/// that must know at once asks tenon_clock_generation() (tenon/clock.h).
struct tenon_resume_handler {
    void (*resumed)(void* context);
    void* context;
    /// A call that takes longer is reported on the console. 1 to 30,000.
    unsigned limit_ms;
};

/// To be called once. Returns 0, EINVAL (the handler is missing, or the limit out of range), EBUSY (it is set), or
/// ENOMEM.
int tenon_set_resume_handler(const struct tenon_resume_handler* handler);

#ifdef __cplusplus
}
#endif

#endif
