// SPDX-License-Identifier: Apache-2.0
// What a file's changes mean to the epolls that watch it.
#include "userland/posix/watches.h"

#include "userland/posix/epoll_file.h"
#include "userland/posix/poller.h"

namespace tenon::posix {

namespace {

constinit SpinLock lists("watches");

/// A watch that has fired once (EPOLLONESHOT) wants nothing until it is set anew.
bool is_armed(const Watch& watch) {
    constexpr std::uint32_t flags = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
    return (watch.wanted.events & ~flags) != 0;
}

}  // namespace

void Watches::add(Watch& watch) {
    const SpinLock::Guard guard(lists);
    watch.next_of_file = watch.file->watches_.load(std::memory_order_relaxed);
    // Seen by readiness_changed() before the caller looks at the readiness.
    watch.file->watches_.store(&watch);
}

void Watches::remove(Watch& watch) {
    const SpinLock::Guard guard(lists);
    if (watch.queued) IntrusiveList<Watch, ReadyTag>::remove(watch);
    watch.queued = false;
    Watch* first = watch.file->watches_.load(std::memory_order_relaxed);
    if (first == &watch) return watch.file->watches_.store(watch.next_of_file, std::memory_order_relaxed);
    while (first->next_of_file != &watch) first = first->next_of_file;
    first->next_of_file = watch.next_of_file;
}

void Watches::note(File& file) {
    const SpinLock::Guard guard(lists);
    note_locked(file);
}

void Watches::note_locked(File& file) {
    bool one_has_it = false;
    for (Watch* watch = file.watches_.load(std::memory_order_relaxed); watch != nullptr; watch = watch->next_of_file) {
        if (!is_armed(*watch)) continue;
        // EPOLLEXCLUSIVE: one epoll with a thread that waits is enough.
        const bool is_exclusive = watch->has(EPOLLEXCLUSIVE);
        if (is_exclusive && one_has_it) continue;
        one_has_it |= is_exclusive && watch->epoll->changes_.has_waiters();
        queue_locked(*watch);
    }
}

void Watches::queue_locked(Watch& watch) {
    EpollFile& epoll = *watch.epoll;
    if (!watch.queued) {
        epoll.ready_.push_back(watch);
        watch.queued = true;
    }
    epoll.changes_.signal_one();
    // As File::readiness_changed(), of an epoll that is polled or watched itself. There are no cycles.
    if (epoll.pollers_.load() != 0) Poller::wake_all();
    note_locked(epoll);
}

void Watches::queue(Watch& watch) {
    const SpinLock::Guard guard(lists);
    queue_locked(watch);
}

void Watches::put_back(Watch& watch) {
    const SpinLock::Guard guard(lists);
    if (watch.queued) return;
    watch.epoll->ready_.push_front(watch);
    watch.queued = true;
}

Watch* Watches::take_ready(EpollFile& epoll) {
    const SpinLock::Guard guard(lists);
    Watch* watch = epoll.ready_.pop_front();
    if (watch != nullptr) watch->queued = false;
    return watch;
}

FileReference Watches::any_epoll(File& file) {
    const SpinLock::Guard guard(lists);
    Watch* watch = file.watches_.load(std::memory_order_relaxed);
    // An epoll that is being closed removes its watches before its last reference goes.
    return watch != nullptr ? FileReference::share(*watch->epoll) : FileReference();
}

void note_change(File& file) { Watches::note(file); }

void forget_watches(File& file) {
    for (;;) {
        const FileReference epoll = Watches::any_epoll(file);
        if (!epoll) return;
        static_cast<EpollFile&>(*epoll).forget(file);
    }
}

}  // namespace tenon::posix
