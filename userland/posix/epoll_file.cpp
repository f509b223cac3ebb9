// SPDX-License-Identifier: Apache-2.0
// An epoll (epoll(7)).
#include "userland/posix/epoll_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>

#include "userland/posix/descriptors.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

constexpr std::uint32_t always = EPOLLERR | EPOLLHUP;
constexpr std::uint32_t flag_bits = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
constexpr int deepest_nesting = 4;  // Linux, EP_MAX_NESTS

/// Bits of POLL are those of EPOLL.
std::uint32_t events_now(File& file) {
    auto ready = static_cast<std::uint32_t>(static_cast<unsigned short>(file.readiness()));
    if ((ready & EPOLLIN) != 0) ready |= EPOLLRDNORM;
    if ((ready & EPOLLOUT) != 0) ready |= EPOLLWRNORM;
    return ready;
}

/// Linux, ep_eventpoll_exclusive: such a watch has no other flags.
bool is_wrong_exclusive(const File& file, const epoll_event& wanted) {
    constexpr std::uint32_t allowed = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
    return (wanted.events & EPOLLEXCLUSIVE) != 0 &&
           (file.kind() == File::Kind::epoll || (wanted.events & ~allowed) != 0);
}

}  // namespace

Watch* EpollFile::find(const File& file, int fd) {
    if (static_cast<std::size_t>(fd) >= table_size_) return nullptr;
    Watch* watch = table_[fd];
    while (watch != nullptr && watch->file != &file) watch = watch->next_of_fd;
    return watch;
}

Outcome<> EpollFile::reserve(int fd) {
    const auto needed = static_cast<std::size_t>(fd) + 1;
    if (needed <= table_size_) return {};
    const std::size_t size = std::bit_ceil(std::max<std::size_t>(needed, 16));
    auto* table = static_cast<Watch**>(heap_allocate_zeroed(size * sizeof(Watch*)));
    if (table == nullptr) return fail_with(ENOMEM);
    std::copy_n(table_, table_size_, table);
    heap_free(table_);
    table_ = table;
    table_size_ = size;
    return {};
}

int EpollFile::depth_to(const EpollFile& target, int allowed) {
    if (this == &target || allowed == 0) return -1;
    const std::lock_guard guard(lock_);
    int deepest = 0;
    for (std::size_t i = 0; i != table_size_; ++i) {
        for (Watch* watch = table_[i]; watch != nullptr; watch = watch->next_of_fd) {
            if (watch->file->kind() != Kind::epoll) continue;
            const int depth = static_cast<EpollFile&>(*watch->file).depth_to(target, allowed - 1);
            if (depth < 0) return -1;
            deepest = std::max(deepest, depth);
        }
    }
    return deepest + 1;
}

Outcome<> EpollFile::check_nesting(File& file) {
    if (file.kind() != Kind::epoll) return {};
    if (static_cast<EpollFile&>(file).depth_to(*this, deepest_nesting) < 0) return fail_with(ELOOP);
    return {};
}

Outcome<> EpollFile::add(File& file, int fd, const epoll_event& wanted) {
    if (is_wrong_exclusive(file, wanted)) return fail_with(EINVAL);
    // One at a time, so that two threads do not make a cycle together.
    static constinit Mutex nesting;
    std::unique_lock nested(nesting, std::defer_lock);
    if (file.kind() == Kind::epoll) nested.lock();
    CHECK(check_nesting(file));
    const std::lock_guard guard(lock_);
    if (is_closed_) return fail_with(EBADF);
    if (find(file, fd) != nullptr) return fail_with(EEXIST);
    CHECK(reserve(fd));
    void* memory = heap_allocate(sizeof(Watch));
    if (memory == nullptr) return fail_with(ENOMEM);
    auto* watch = new (memory) Watch{};
    watch->epoll = this;
    watch->file = &file;
    watch->fd = fd;
    watch->wanted = wanted;
    watch->wanted.events |= always;
    watch->next_of_fd = std::exchange(table_[fd], watch);
    Watches::add(*watch);
    // Another thread has closed the file, and found no watch.
    if (!Watches::has_descriptor(file)) {
        unlink(*watch);
        destroy_watch(*watch);
        return fail_with(EBADF);
    }
    if ((events_now(file) & watch->wanted.events) != 0) Watches::queue(*watch);
    return {};
}

Outcome<> EpollFile::change(File& file, int fd, const epoll_event& wanted) {
    const std::lock_guard guard(lock_);
    Watch* watch = find(file, fd);
    if (watch == nullptr) return fail_with(ENOENT);
    if (watch->has(EPOLLEXCLUSIVE) || (wanted.events & EPOLLEXCLUSIVE) != 0) return fail_with(EINVAL);
    watch->wanted = wanted;
    watch->wanted.events |= always;
    if ((events_now(file) & watch->wanted.events) != 0) Watches::queue(*watch);
    return {};
}

Outcome<> EpollFile::remove(File& file, int fd) {
    const std::lock_guard guard(lock_);
    Watch* watch = find(file, fd);
    if (watch == nullptr) return fail_with(ENOENT);
    unlink(*watch);
    destroy_watch(*watch);
    return {};
}

void EpollFile::forget(File& file) {
    const std::lock_guard guard(lock_);
    for (std::size_t i = 0; i != table_size_; ++i) {
        if (Watch* watch = find(file, static_cast<int>(i)); watch != nullptr) {
            unlink(*watch);
            destroy_watch(*watch);
        }
    }
}

void EpollFile::unlink(Watch& watch) {
    Watch** place = &table_[watch.fd];
    while (*place != &watch) place = &(*place)->next_of_fd;
    *place = watch.next_of_fd;
}

void EpollFile::destroy_watch(Watch& watch) {
    Watches::remove(watch);
    heap_free(&watch);
}

Outcome<std::size_t> EpollFile::collect(std::span<epoll_event> events) {
    const std::lock_guard guard(lock_);
    std::size_t count = 0;
    ++round_;
    while (count != events.size()) {
        Watch* watch = Watches::take_ready(*this);
        if (watch == nullptr) break;
        // What this collection has given out already stands behind all others.
        if (watch->round == round_) {
            Watches::put_back(*watch);
            break;
        }
        const std::uint32_t ready = events_now(*watch->file) & watch->wanted.events & ~flag_bits;
        if (ready == 0) continue;
        events[count++] = {ready, watch->wanted.data};
        watch->round = round_;
        if (watch->has(EPOLLONESHOT))
            watch->wanted.events &= flag_bits;
        else if (!watch->has(EPOLLET))
            Watches::queue(*watch);
    }
    if (count == 0) return fail_with(EAGAIN);
    return count;
}

Outcome<std::size_t> EpollFile::wait(std::span<epoll_event> events, Nanoseconds timeout, bool may_block) {
    const auto count = block_for(
        changes_, timeout, may_block, [&] { return collect(events); }, false);
    if (!count && count.error().code == EAGAIN) return 0;
    return count;
}

short EpollFile::readiness() {
    const std::lock_guard guard(lock_);
    while (Watch* watch = Watches::take_ready(*this)) {
        if ((events_now(*watch->file) & watch->wanted.events & ~flag_bits) == 0) continue;
        Watches::put_back(*watch);
        return POLLIN | POLLRDNORM;
    }
    return 0;
}

Outcome<> EpollFile::status(struct stat& status) {
    status = make_status(0600, inode_of_others);
    return {};
}

void EpollFile::closed() {
    const std::lock_guard guard(lock_);
    is_closed_ = true;
    for (std::size_t i = 0; i != table_size_; ++i)
        while (Watch* watch = table_[i]) {
            unlink(*watch);
            destroy_watch(*watch);
        }
}

void EpollFile::destroy() {
    closed();
    heap_free(table_);
    delete this;
}

}  // namespace tenon::posix
