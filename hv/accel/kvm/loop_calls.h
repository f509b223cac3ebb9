// SPDX-License-Identifier: Apache-2.0
// How a vCPU's thread gets something done on the event loop's thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"

namespace hv::kvm {

/// Calls from one vCPU thread to the loop.
class LoopCalls {
public:
    /// `after_call` runs on the loop's thread after each call or notice, when the caller goes on already; it may
    /// destroy this object. `loop` outlives it.
    static Result<std::unique_ptr<LoopCalls>> create(EventLoop& loop, std::function<void()> after_call);
    ~LoopCalls();

    /// On the vCPU's thread: runs `work` on the loop's thread and waits for its end. False: cancelled, not run.
    bool call(const std::function<void()>& work);
    /// On the vCPU's thread: has `after_call` run soon, and does not wait.
    void notify();
    /// What notify() and call() write to: for the vCPU thread's filter.
    [[nodiscard]] int event() const { return event_.get(); }

    /// On the loop's thread: serves a call that waits now, outside of the loop.
    void serve();

    /// On the loop's thread: from now on calls fail at once, a waiting one too.
    void cancel();

private:
    LoopCalls(EventLoop& loop, FileDescriptor event, std::function<void()> after_call)
        : loop_(loop), event_(std::move(event)), after_call_(std::move(after_call)) {}

    EventLoop& loop_;
    FileDescriptor event_;
    std::function<void()> after_call_;
    std::mutex lock_;
    std::condition_variable answered_;
    const std::function<void()>* work_ = nullptr;
    bool running_ = false;
    bool cancelled_ = false;
};

}  // namespace hv::kvm
