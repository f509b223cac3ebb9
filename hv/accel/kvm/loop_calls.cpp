// SPDX-License-Identifier: Apache-2.0
// Calls from vCPU threads to the event loop's.
#include "hv/accel/kvm/loop_calls.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hv::kvm {

Result<std::unique_ptr<LoopCalls>> LoopCalls::create(EventLoop& loop, std::function<void()> after_call) {
    FileDescriptor event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!event) return fail(ErrorKind::internal, std::string("eventfd: ") + std::strerror(errno));
    const int fd = event.get();
    std::unique_ptr<LoopCalls> calls(new LoopCalls(loop, std::move(event), std::move(after_call)));
    // Edge-triggered: each write is reported, and the event's count need not be read.
    CHECK(loop.watch(fd, EPOLLIN | EPOLLET, [raw = calls.get()](std::uint32_t) { raw->serve(); }));
    return calls;
}

LoopCalls::~LoopCalls() { loop_.unwatch(event_.get()); }

void LoopCalls::notify() {
    constexpr std::uint64_t one = 1;
    // Fails only when the counter is full, after 2^64 notices.
    if (write(event_.get(), &one, sizeof one) != sizeof one) return;
}

bool LoopCalls::call(const std::function<void()>& work) {
    std::unique_lock guard(lock_);
    if (cancelled_) return false;
    Call call{.work = work};
    *end_ = &call;
    end_ = &call.next;
    notify();
    // Once the work runs, the caller waits for its end even if calls are cancelled: the work uses its variables.
    answered_.wait(
        guard, [&] { return call.state == Call::State::done || (cancelled_ && call.state == Call::State::waiting); });
    return call.state == Call::State::done;
}

void LoopCalls::serve() {
    std::unique_lock guard(lock_);
    while (first_ != nullptr) {
        Call& call = *first_;
        first_ = call.next;
        if (first_ == nullptr) end_ = &first_;
        call.state = Call::State::running;
        guard.unlock();
        call.work();
        guard.lock();
        // As soon as the lock is free the caller may return, and `call` is gone.
        call.state = Call::State::done;
        answered_.notify_all();
    }
    guard.unlock();
    after_call_();
}

void LoopCalls::cancel() {
    const std::lock_guard guard(lock_);
    cancelled_ = true;
    // The waiting callers return, and their calls are gone.
    first_ = nullptr;
    end_ = &first_;
    answered_.notify_all();
}

}  // namespace hv::kvm
