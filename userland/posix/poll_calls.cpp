// SPDX-License-Identifier: Apache-2.0
// poll and select.
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <bit>
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

namespace {

/// A set as it stands in memory, as long as the program has made it: a bit for each descriptor.
class DescriptorSet {
public:
    explicit DescriptorSet(fd_set* set) : words_(reinterpret_cast<std::uint64_t*>(set)) {}
    [[nodiscard]] std::uint64_t word(int index) const { return words_ != nullptr ? words_[index] : 0; }
    [[nodiscard]] bool has(int fd) const { return (word(fd / 64) >> fd % 64 & 1) != 0; }
    void clear(int words) const {
        if (words_ != nullptr) std::fill_n(words_, words, 0);
    }
    void add(int fd) const { words_[fd / 64] |= std::uint64_t{1} << fd % 64; }

private:
    std::uint64_t* words_;
};

/// Memory for `count` elements: on the stack, unless they are many.
template <typename T, std::size_t few>
class Scratch {
public:
    explicit Scratch(std::size_t count) {
        if (count > few) many_ = static_cast<T*>(heap_allocate(count * sizeof(T)));
        memory_ = count > few ? many_ : few_.data();
    }
    ~Scratch() { heap_free(many_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    /// Null: there is no memory.
    [[nodiscard]] T* get() const { return memory_; }

private:
    std::array<T, few> few_;
    T* many_ = nullptr;
    T* memory_;
};

}  // namespace

Outcome<int> select_until(const SelectSets& sets, Nanoseconds deadline) {
    if (sets.count < 0) return fail_with(EINVAL);
    // As on Linux; only descriptors below that can be open.
    const int count = std::min(sets.count, descriptor_limit);
    const int words = (count + 63) / 64;
    const DescriptorSet reading(sets.reading), writing(sets.writing), exceptions(sets.exceptions);
    std::size_t wanted = 0;
    for (int i = 0; i != words; ++i)
        wanted += static_cast<std::size_t>(std::popcount(reading.word(i) | writing.word(i) | exceptions.word(i)));
    const Scratch<pollfd, 256> scratch(wanted);
    if (scratch.get() == nullptr) return fail_with(ENOMEM);
    std::size_t used = 0;
    for (int i = 0; i != words; ++i) {
        for (std::uint64_t left = reading.word(i) | writing.word(i) | exceptions.word(i); left != 0; left &= left - 1) {
            const int fd = i * 64 + std::countr_zero(left);
            if (fd >= count) break;
            const int events =
                (reading.has(fd) ? POLLIN : 0) | (writing.has(fd) ? POLLOUT : 0) | (exceptions.has(fd) ? POLLPRI : 0);
            scratch.get()[used++] = {fd, static_cast<short>(events), 0};
        }
    }
    const std::span<pollfd> polled(scratch.get(), used);
    TRY([[maybe_unused]] const int ready, poll_until(polled, deadline));
    // An error leaves the sets as they were.
    for (const pollfd& entry : polled)
        if ((entry.revents & POLLNVAL) != 0) return fail_with(EBADF);
    for (const DescriptorSet& set : {reading, writing, exceptions}) set.clear(words);
    int found = 0;
    for (const pollfd& entry : polled) {
        if ((entry.events & POLLIN) != 0 && (entry.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            reading.add(entry.fd);
            ++found;
        }
        if ((entry.events & POLLOUT) != 0 && (entry.revents & (POLLOUT | POLLERR)) != 0) {
            writing.add(entry.fd);
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
