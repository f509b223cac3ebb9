// SPDX-License-Identifier: Apache-2.0
// The lock under which lwIP's core runs. Whoever lets go of it first tells devices about what was queued meanwhile.
#pragma once

#include "kernel/net/lwip/arch/core_lock.h"

namespace tenon::net {

/// Meets BasicLockable.
class CoreLock {
public:
    CoreLock() { tenon_net_lock(); }
    ~CoreLock() { tenon_net_unlock(); }
    CoreLock(const CoreLock&) = delete;
    CoreLock& operator=(const CoreLock&) = delete;
};

/// Something that wants to act once before the lock is let go of. Called with the lock held.
class BeforeUnlock {
public:
    /// `run()` is called before the next unlock, and then forgotten. With the lock held.
    void request();

    virtual void run() = 0;

protected:
    ~BeforeUnlock() = default;

private:
    friend void run_requests();
    BeforeUnlock* next_ = nullptr;
    bool requested_ = false;
};

}  // namespace tenon::net
