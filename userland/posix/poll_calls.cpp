// SPDX-License-Identifier: Apache-2.0
// poll and select.
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include <array>
#include <climits>

#include "kernel/base/address.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/poll.h"
#include "userland/posix/poller.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

/// References to the polled files: on the stack, unless they are many.
class PolledFiles {
public:
    explicit PolledFiles(std::size_t count) : count_(count) {
        if (count > few_.size()) {
            many_ = static_cast<FileReference*>(heap_allocate(count * sizeof(FileReference)));
            for (std::size_t i = 0; many_ != nullptr && i != count; ++i) new (&many_[i]) FileReference();
        }
    }
    ~PolledFiles() {
        for (std::size_t i = 0; many_ != nullptr && i != count_; ++i) many_[i].~FileReference();
        heap_free(many_);
    }
    PolledFiles(const PolledFiles&) = delete;
    PolledFiles& operator=(const PolledFiles&) = delete;

    [[nodiscard]] bool enough_memory() const { return count_ <= few_.size() || many_ != nullptr; }
    [[nodiscard]] std::span<FileReference> all() { return {many_ != nullptr ? many_ : few_.data(), count_}; }

private:
    std::array<FileReference, 32> few_;
    FileReference* many_ = nullptr;
    std::size_t count_;
};

int look_at_all(std::span<pollfd> polled, std::span<const FileReference> files) {
    // Reported even if not requested.
    constexpr short always = POLLERR | POLLHUP;
    int found = 0;
    for (std::size_t i = 0; i != polled.size(); ++i) {
        pollfd& entry = polled[i];
        entry.revents = 0;
        if (entry.fd < 0) continue;
        if (!files[i]) {
            entry.revents = POLLNVAL;
        } else {
            short ready = files[i]->readiness();
            // No file has priority bands: normal data is all there is.
            if ((ready & POLLIN) != 0) ready |= POLLRDNORM;
            if ((ready & POLLOUT) != 0) ready |= POLLWRNORM;
            entry.revents = static_cast<short>(ready & (entry.events | always));
        }
        found += entry.revents != 0;
    }
    return found;
}

Outcome<Nanoseconds> deadline_of(const timeval* timeout) {
    if (timeout == nullptr) return no_deadline;
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0) return fail_with(EINVAL);
    // Linux takes a second and more of microseconds.
    constexpr long million = 1'000'000;
    const time_t whole = timeout->tv_usec / million;
    TRY(const Nanoseconds span, to_nanoseconds({timeout->tv_sec > LONG_MAX - whole ? LONG_MAX : timeout->tv_sec + whole,
                                                timeout->tv_usec % million * 1000}));
    return span == 0 ? 0 : monotonic_now() + span;
}

/// Linux leaves the time that was left (select(2)).
void put_time_left(timeval& timeout, Nanoseconds deadline) {
    const Nanoseconds now = monotonic_now(), left = now < deadline ? deadline - now : 0;
    timeout = to_timeval(left);
}

}  // namespace

Outcome<int> poll_until(std::span<pollfd> polled, Nanoseconds deadline) {
    if (polled.size() > static_cast<std::size_t>(descriptor_limit)) return fail_with(EINVAL);
    PolledFiles files(polled.size());
    if (!files.enough_memory()) return fail_with(ENOMEM);
    for (std::size_t i = 0; i != polled.size(); ++i)
        if (auto file = file_of(polled[i].fd)) files.all()[i] = std::move(*file);
    Poller poller(files.all());
    return poller.wait([&] { return look_at_all(polled, files.all()); }, deadline);
}

Outcome<int> select_until(const SelectSets& sets, Nanoseconds deadline) {
    const auto& [count, reading, writing, exceptions] = sets;
    if (count < 0 || count > FD_SETSIZE) return fail_with(EINVAL);
    std::array<pollfd, FD_SETSIZE> polled;
    std::size_t used = 0;
    for (int fd = 0; fd != count; ++fd) {
        short events = 0;
        if (reading != nullptr && FD_ISSET(fd, reading)) events |= POLLIN;
        if (writing != nullptr && FD_ISSET(fd, writing)) events |= POLLOUT;
        if (exceptions != nullptr && FD_ISSET(fd, exceptions)) events |= POLLPRI;
        if (events != 0) polled[used++] = {fd, events, 0};
    }
    TRY([[maybe_unused]] const int ready, poll_until(std::span(polled).first(used), deadline));
    const std::span<const pollfd> looked_at = std::span(polled).first(used);
    // An error leaves the sets as they were.
    for (const pollfd& entry : looked_at)
        if ((entry.revents & POLLNVAL) != 0) return fail_with(EBADF);
    for (fd_set* set : {reading, writing, exceptions})
        if (set != nullptr) *set = {};
    int found = 0;
    for (const pollfd& entry : looked_at) {
        if ((entry.events & POLLIN) != 0 && (entry.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            FD_SET(entry.fd, reading);
            ++found;
        }
        if ((entry.events & POLLOUT) != 0 && (entry.revents & (POLLOUT | POLLERR)) != 0) {
            FD_SET(entry.fd, writing);
            ++found;
        }
    }
    return found;
}

extern "C" {

int poll(pollfd* descriptors, nfds_t count, int timeout_ms) {
    Nanoseconds deadline = no_deadline;
    if (timeout_ms == 0)
        deadline = 0;
    else if (timeout_ms > 0)
        deadline = monotonic_now() + static_cast<Nanoseconds>(timeout_ms) * 1'000'000;
    return answer(poll_until({descriptors, count}, deadline));
}

int select(int count, fd_set* reading, fd_set* writing, fd_set* exceptions, timeval* timeout) {
    const auto deadline = deadline_of(timeout);
    if (!deadline) return answer<int>(std::unexpected(deadline.error()));
    const auto found = select_until({count, reading, writing, exceptions}, *deadline);
    if (timeout != nullptr) put_time_left(*timeout, *deadline);
    return answer(found);
}

}  // extern "C"

}  // namespace tenon::posix
