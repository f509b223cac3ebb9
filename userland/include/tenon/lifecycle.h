// SPDX-License-Identifier: Apache-2.0
// What a program does when its machine is to be copied, or was paused: freeze, and go on.
#ifndef TENON_LIFECYCLE_H
#define TENON_LIFECYCLE_H

#ifdef __cplusplus
extern "C" {
#endif

/// Handlers of the program, called on a thread of their own, in turn. Needs the feature `agent`, which asks for them by
/// the guest agent's fsfreeze commands.
struct tenon_freeze_handlers {
    /// Brings what is stored into a consistent state and stops changing it. 0, or an errno value: the host is told that
    /// freezing failed.
    int (*freeze)(void* context);
    /// The copy is made, or nobody said so in time (10 s by default): the program goes on.
    void (*thaw)(void* context);
    void* context;
    /// For each call. One that takes longer is reported to the host as an error, and a freeze that comes back late is
    /// followed by a thaw. 1 to 30,000.
    unsigned limit_ms;
};

/// Once in a program's life. 0, EINVAL (a handler is missing, or the limit out of range), EBUSY (they are set), or
/// ENOMEM.
int tenon_set_freeze_handlers(const struct tenon_freeze_handlers* handlers);

/// Handler of the program that is called when the machine goes on after a pause: what has gone stale meanwhile (leases,
/// sessions, tokens, connections) is looked at there. Called on a thread of its own, once for each pause, but several
/// pauses during a call are followed by one more call. CLOCK_REALTIME is right already; CLOCK_MONOTONIC stood still.
/// Machines of hv; other hypervisors do not tell. The program's other threads may run before it is called: who must
/// know at once asks tenon_clock_generation() (tenon/clock.h).
struct tenon_resume_handler {
    void (*resumed)(void* context);
    void* context;
    /// A call that takes longer is told on the console; nothing else waits for it. 1 to 30,000.
    unsigned limit_ms;
};

/// Once in a program's life. 0, EINVAL (the handler is missing, or the limit out of range), EBUSY (it is set), or
/// ENOMEM.
int tenon_set_resume_handler(const struct tenon_resume_handler* handler);

#ifdef __cplusplus
}
#endif

#endif
