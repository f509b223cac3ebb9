// SPDX-License-Identifier: Apache-2.0
// The lock under which lwIP's core runs. Releasing it first notifies devices of the frames that were queued meanwhile.
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

/// An action to take once, before the lock is released and while it is still held.
class BeforeUnlock {
public:
    /// Has `run()` called once, before the next unlock. With the lock held.
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
