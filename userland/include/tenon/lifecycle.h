// SPDX-License-Identifier: Apache-2.0
// What a program does when its machine is to be copied: freeze, and go on.
#ifndef TENON_LIFECYCLE_H
#define TENON_LIFECYCLE_H

#ifdef __cplusplus
extern "C" {
#endif

/// Handlers of the program, called on a thread of their own, in turn. Needs the feature `agent`, which asks for them by the
/// guest agent's fsfreeze commands.
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

/// Once in a program's life. 0, EINVAL (a handler is missing, or the limit out of range), EBUSY (they are set), or ENOMEM.
int tenon_set_freeze_handlers(const struct tenon_freeze_handlers* handlers);

#ifdef __cplusplus
}
#endif

#endif
