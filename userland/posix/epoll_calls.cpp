// SPDX-License-Identifier: Apache-2.0
// The epoll functions under their names.
#include <sys/epoll.h>

#include <climits>

#include "userland/posix/descriptors.h"
#include "userland/posix/epoll_file.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

constexpr int most_events = INT_MAX / static_cast<int>(sizeof(epoll_event));  // Linux, EP_MAX_EVENTS

Outcome<int> open_epoll(int flags) {
    if ((flags & ~EPOLL_CLOEXEC) != 0) return fail_with(EINVAL);
    FileReference file(new (std::nothrow) EpollFile);
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & EPOLL_CLOEXEC) != 0);
}

Outcome<> control(int fd, int operation, int watched, const epoll_event* event) {
    if (operation != EPOLL_CTL_DEL && event == nullptr) return fail_with(EFAULT);
    TRY(FileReference file, file_of(fd));
    TRY(FileReference target, file_of(watched));
    switch (target->kind()) {
        case File::Kind::regular:
        case File::Kind::directory:
        case File::Kind::disk: return fail_with(EPERM);
        default: break;
    }
    if (file->kind() != File::Kind::epoll || file.get() == target.get()) return fail_with(EINVAL);
    auto& epoll = static_cast<EpollFile&>(*file);
    switch (operation) {
        case EPOLL_CTL_ADD: return epoll.add(*target, watched, *event);
        case EPOLL_CTL_MOD: return epoll.change(*target, watched, *event);
        case EPOLL_CTL_DEL: return epoll.remove(*target, watched);
        default: return fail_with(EINVAL);
    }
}

/// `timeout` in ns; no_deadline: none.
Outcome<std::size_t> wait_for(int fd, epoll_event* events, int most, Nanoseconds timeout) {
    if (most <= 0 || most > most_events) return fail_with(EINVAL);
    TRY(FileReference file, file_of(fd));
    if (events == nullptr) return fail_with(EFAULT);
    if (file->kind() != File::Kind::epoll) return fail_with(EINVAL);
    return static_cast<EpollFile&>(*file).wait({events, static_cast<std::size_t>(most)},
                                               timeout == no_deadline ? 0 : timeout, timeout != 0);
}

Nanoseconds to_timeout(int timeout_ms) {
    return timeout_ms < 0 ? no_deadline : static_cast<Nanoseconds>(timeout_ms) * 1'000'000;
}

}  // namespace

extern "C" {

int epoll_create(int size) { return size <= 0 ? answer<int>(fail_with(EINVAL)) : answer(open_epoll(0)); }
int epoll_create1(int flags) { return answer(open_epoll(flags)); }
int epoll_ctl(int fd, int operation, int watched, epoll_event* event) {
    return answer(control(fd, operation, watched, event));
}
int epoll_wait(int fd, epoll_event* events, int most, int timeout_ms) {
    return static_cast<int>(answer(wait_for(fd, events, most, to_timeout(timeout_ms))));
}

}  // extern "C"

}  // namespace tenon::posix
