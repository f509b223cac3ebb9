// SPDX-License-Identifier: Apache-2.0
// eventfd: a counter that threads wait for (eventfd(2)).
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <mutex>

#include "kernel/sched/sync.h"
#include "userland/posix/blocking.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

constexpr std::uint64_t largest_count = std::numeric_limits<std::uint64_t>::max() - 1;

class EventFile final : public File {
public:
    EventFile(unsigned count, bool counts_down, int flags)
        : File(Kind::other, O_RDWR | flags), count_(count), counts_down_(counts_down) {}

    Outcome<std::size_t> read(std::span<std::byte> buffer) override {
        if (buffer.size() < sizeof(count_)) return fail_with(EINVAL);
        return block_for(changes_, 0, !nonblocking(), [&]() -> Outcome<std::size_t> {
            std::uint64_t value = 0;
            {
                const std::lock_guard guard(lock_);
                if (count_ == 0) return fail_with(EAGAIN);
                value = counts_down_ ? 1 : count_;
                count_ -= value;
            }
            changed();
            std::memcpy(buffer.data(), &value, sizeof(value));
            return sizeof(value);
        });
    }
    Outcome<std::size_t> write(std::span<const std::byte> data) override {
        std::uint64_t value = 0;
        if (data.size() < sizeof(value)) return fail_with(EINVAL);
        std::memcpy(&value, data.data(), sizeof(value));
        if (value > largest_count) return fail_with(EINVAL);
        return block_for(changes_, 0, !nonblocking(), [&]() -> Outcome<std::size_t> {
            {
                const std::lock_guard guard(lock_);
                if (value > largest_count - count_) return fail_with(EAGAIN);
                count_ += value;
            }
            changed();
            return sizeof(value);
        });
    }
    Outcome<> status(struct stat& status) override {
        status = make_status(0600, inode_of_others);
        return {};
    }
    Outcome<off_t> seek(off_t, int) override { return 0; }
    Outcome<> synchronise(bool /*data_only*/) override { return fail_with(EINVAL); }
    short readiness() override {
        const std::lock_guard guard(lock_);
        return static_cast<short>((count_ != 0 ? POLLIN : 0) | (count_ != largest_count ? POLLOUT : 0));
    }
    void destroy() override { delete this; }

private:
    void changed() {
        changes_.signal();
        readiness_changed();
    }

    Mutex lock_;
    Event changes_;
    std::uint64_t count_;  // under lock_
    bool counts_down_;
};

Outcome<int> open_event_file(unsigned count, int flags) {
    if ((flags & ~(EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC)) != 0) return fail_with(EINVAL);
    FileReference file(new (std::nothrow) EventFile(count, (flags & EFD_SEMAPHORE) != 0,
                                                    (flags & EFD_NONBLOCK) != 0 ? O_NONBLOCK : 0));
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & EFD_CLOEXEC) != 0);
}

}  // namespace

extern "C" {

int eventfd(unsigned int count, int flags) { return answer(open_event_file(count, flags)); }
int eventfd_read(int fd, eventfd_t* value) { return read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1; }
int eventfd_write(int fd, eventfd_t value) { return write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1; }

}  // extern "C"

}  // namespace tenon::posix
