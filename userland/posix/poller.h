// SPDX-License-Identifier: Apache-2.0
// Waiting until one of several files is ready.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "kernel/sched/wait.h"
#include "userland/posix/file.h"
#include "userland/posix/interruption.h"

namespace tenon::posix {

/// Registers with files, for its lifetime, to be notified of changes.
class Poller {
public:
    /// Null files are left out. The references stay the caller's.
    explicit Poller(std::span<const FileReference> files) : files_(files) {
        for (const FileReference& file : files_)
            if (file) file->pollers_.fetch_add(1);
    }
    ~Poller() {
        for (const FileReference& file : files_)
            if (file) file->pollers_.fetch_sub(1, std::memory_order_relaxed);
    }
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// Blocks until `look()` is not 0 or `deadline` is reached; returns its last result. Error: EINTR.
    template <typename Look>
    Outcome<int> wait(Look&& look, Nanoseconds deadline) {
        for (;;) {
            // Taken before the look: a change that it did not see makes the wait return at once.
            const std::uint32_t seen = changes.load();
            const int found = look();
            if (found != 0 || deadline == 0) return found;
            if (was_signalled()) return fail_with(EINTR);
            if (wait_on_address(changes, seen, deadline) == WaitResult::timed_out) deadline = 0;
        }
    }

    static void wake_all() {
        changes.fetch_add(1);
        wake_address(changes, UINT32_MAX);
    }

private:
    /// Counts changes of polled files. One word for all, because few calls of poll() wait at the same time.
    static inline constinit std::atomic<std::uint32_t> changes = 0;

    std::span<const FileReference> files_;
};

}  // namespace tenon::posix
