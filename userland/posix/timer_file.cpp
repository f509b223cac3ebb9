// SPDX-License-Identifier: Apache-2.0
// timerfd: timers that threads wait for (timerfd_create(2)).
#include <sys/timerfd.h>

#include <cstring>

#include "userland/posix/blocking.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/periodic_timer.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

class TimerFile final : public File {
public:
    TimerFile(ClockKind clock, int flags)
        : File(Kind::timer, O_RDWR | flags),
          timer_(
              clock, [](void* file) { static_cast<TimerFile*>(file)->expired(); }, this) {}

    Outcome<std::size_t> read(std::span<std::byte> buffer) override {
        if (buffer.size() < sizeof(std::uint64_t)) return fail_with(EINVAL);
        return block_for(changes_, 0, !nonblocking(), [&]() -> Outcome<std::size_t> {
            const std::uint64_t expired = timer_.take_expirations();
            if (expired == 0) return fail_with(EAGAIN);
            std::memcpy(buffer.data(), &expired, sizeof(expired));
            return sizeof(expired);
        });
    }
    Outcome<> status(struct stat& status) override {
        status = make_status(0600, inode_of_others);
        return {};
    }
    Outcome<> synchronise(bool /*data_only*/) override { return fail_with(EINVAL); }
    short readiness() override { return timer_.expirations() != 0 ? POLLIN : 0; }
    void closed() override { timer_.stop(); }
    void destroy() override { delete this; }

    PeriodicTimer& timer() { return timer_; }

private:
    void expired() {
        changes_.signal();
        readiness_changed();
    }

    Event changes_;
    PeriodicTimer timer_;
};

Outcome<ClockKind> kind_of(clockid_t clock) {
    switch (clock) {
        case CLOCK_REALTIME: return ClockKind::realtime;
        case CLOCK_MONOTONIC:
        case CLOCK_BOOTTIME: return ClockKind::monotonic;
        default: return fail_with(EINVAL);
    }
}

Outcome<int> open_timer_file(int clock, int flags) {
    if ((flags & ~(TFD_NONBLOCK | TFD_CLOEXEC)) != 0) return fail_with(EINVAL);
    TRY(const ClockKind kind, kind_of(clock));
    FileReference file(new (std::nothrow) TimerFile(kind, (flags & TFD_NONBLOCK) != 0 ? O_NONBLOCK : 0));
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & TFD_CLOEXEC) != 0);
}

Outcome<FileReference> timer_file(int fd) {
    auto file = file_of(fd);
    if (file && (*file)->kind() != File::Kind::timer) return fail_with(EINVAL);
    return file;
}
PeriodicTimer& timer_of(const FileReference& file) { return static_cast<TimerFile&>(*file).timer(); }

Outcome<> set_timer(int fd, int flags, const itimerspec* value, itimerspec* old) {
    if (value == nullptr) return fail_with(EFAULT);
    if ((flags & ~TFD_TIMER_ABSTIME) != 0) return fail_with(EINVAL);
    TRY(FileReference file, timer_file(fd));
    return timer_of(file).set((flags & TFD_TIMER_ABSTIME) != 0, *value, old);
}

Outcome<> get_timer(int fd, itimerspec* value) {
    TRY(FileReference file, timer_file(fd));
    if (value == nullptr) return fail_with(EFAULT);
    *value = timer_of(file).left();
    return {};
}

}  // namespace

extern "C" {

int timerfd_create(int clock, int flags) { return answer(open_timer_file(clock, flags)); }
int timerfd_settime(int fd, int flags, const itimerspec* value, itimerspec* old) {
    return answer(set_timer(fd, flags, value, old));
}
int timerfd_gettime(int fd, itimerspec* value) { return answer(get_timer(fd, value)); }

}  // extern "C"

}  // namespace tenon::posix
