// SPDX-License-Identifier: Apache-2.0
// Calls from vCPU threads to the event loop's thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"

namespace hv::kvm {

/// Any number of threads may call; the loop serves calls in the order in which they came.
class LoopCalls {
public:
    /// `after_call` runs on the loop's thread after each turn of serving, when the callers continue already; it may
    /// destroy this object. `loop` outlives it.
    static Result<std::unique_ptr<LoopCalls>> create(EventLoop& loop, std::function<void()> after_call);
    ~LoopCalls();

    /// On a vCPU's thread: runs `work` on the loop's thread and waits for its end. False: cancelled, not run.
    bool call(const std::function<void()>& work);
    /// On a vCPU's thread: has `after_call` run soon, and does not wait.
    void notify();
    /// The descriptor that notify() and call() write to: for the vCPU threads' filter.
    [[nodiscard]] int event() const { return event_.get(); }

    /// On the loop's thread: serves the calls that wait now. For a caller that does not return to the loop yet.
    void serve();

    /// On the loop's thread: from now on calls fail at once, waiting ones too.
    void cancel();

private:
    LoopCalls(EventLoop& loop, FileDescriptor event, std::function<void()> after_call)
        : loop_(loop), event_(std::move(event)), after_call_(std::move(after_call)) {}

    EventLoop& loop_;
    FileDescriptor event_;
    std::function<void()> after_call_;
    /// On the caller's stack.
    struct Call {
        const std::function<void()>& work;
        enum class State { waiting, running, done } state = State::waiting;
        Call* next = nullptr;
    };

    std::mutex lock_;
    std::condition_variable answered_;
    Call* first_ = nullptr;  ///< of those that wait
    Call** end_ = &first_;   ///< where the next one is linked in
    bool cancelled_ = false;
};

}  // namespace hv::kvm
