// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and its relatives, as events of the loop.
#pragma once

#include <signal.h>

#include <functional>
#include <memory>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// SIGINT, SIGTERM and SIGHUP are blocked while this lives, and each calls `handler` from the loop instead. Processes
/// started meanwhile have them blocked too, which is wanted: Ctrl-C in a terminal goes to hv's whole process group, and
/// the guest and the helpers must not end before hv ends them.
class Interrupts {
public:
    static Result<std::unique_ptr<Interrupts>> create(EventLoop& loop, std::function<void()> handler);
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// The mask that was there: for a child that serves its signals itself.
    [[nodiscard]] const sigset_t& mask_before() const { return before_; }

private:
    explicit Interrupts(EventLoop& loop) : loop_(loop) {}
    EventLoop& loop_;
    FileDescriptor signals_;
    sigset_t before_{};
};

}  // namespace hv
