// SPDX-License-Identifier: Apache-2.0
// Calls from a vCPU's thread to the event loop's.
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
    // Edge-triggered: each write is an event, and nobody has to read.
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
    work_ = &work;
    notify();
    // What has begun is waited for, cancelled or not: it uses the caller's variables.
    answered_.wait(guard, [this] { return work_ == nullptr || (cancelled_ && !running_); });
    return std::exchange(work_, nullptr) == nullptr;
}

void LoopCalls::serve() {
    std::unique_lock guard(lock_);
    if (work_ != nullptr && !cancelled_) {
        running_ = true;
        guard.unlock();
        (*work_)();
        guard.lock();
        running_ = false;
        work_ = nullptr;
        answered_.notify_one();
    }
    guard.unlock();
    after_call_();
}

void LoopCalls::cancel() {
    const std::lock_guard guard(lock_);
    cancelled_ = true;
    answered_.notify_one();
}

}  // namespace hv::kvm
