// SPDX-License-Identifier: Apache-2.0
// An epoll: watches of files, and a list of those that may be ready.
#pragma once

#include <sys/epoll.h>

#include "kernel/sched/sync.h"
#include "userland/posix/blocking.h"
#include "userland/posix/file.h"

namespace tenon::posix {

class EpollFile;
struct ReadyTag;

/// One file, by one descriptor, in one epoll.
struct Watch : ListLink<ReadyTag> {
    EpollFile* epoll;
    File* file;
    int fd;
    epoll_event wanted;
    Watch* next_of_fd;    ///< in the epoll's table; guarded by the epoll's lock
    Watch* next_of_file;  ///< guarded by the lock of all watches
    bool queued;          ///< the same: it is in the list of ready ones
    std::uint32_t round;  ///< of the last collection that it was given out in

    [[nodiscard]] bool has(EPOLL_EVENTS flag) const { return (wanted.events & static_cast<std::uint32_t>(flag)) != 0; }
};

/// The lists that interrupt handlers change: the watches of each file, and the ready ones of each epoll. One lock for
/// all, which is held for a few instructions for each watch of a file.
class Watches {
public:
    static void add(Watch& watch);
    static void remove(Watch& watch);
    static void note(File& file);
    /// The epoll of one of the file's watches, or none.
    static FileReference any_epoll(File& file);
    [[nodiscard]] static bool has_descriptor(const File& file) { return file.descriptors_.load() != 0; }

    /// Puts the watch into its epoll's list of ready ones, at the end or at the front, and wakes a thread.
    static void queue(Watch& watch);
    static void put_back(Watch& watch);
    static Watch* take_ready(EpollFile& epoll);

private:
    static void note_locked(File& file);
    static void queue_locked(Watch& watch);
};

/// `lock_` guards the table, and is held while files are asked for their readiness: that of a nested epoll is taken
/// inside. Cycles are refused.
class EpollFile final : public File {
public:
    explicit EpollFile() : File(Kind::epoll, O_RDWR) {}

    /// `fd` is the descriptor of `file`. Errors: those of epoll_ctl(2).
    Outcome<> add(File& file, int fd, const epoll_event& wanted);
    Outcome<> change(File& file, int fd, const epoll_event& wanted);
    Outcome<> remove(File& file, int fd);
    /// All watches of a file, whose last descriptor was closed.
    void forget(File& file);

    Outcome<std::size_t> wait(std::span<epoll_event> events, Nanoseconds timeout, bool may_block);

    short readiness() override;
    Outcome<> status(struct stat& status) override;
    Outcome<> synchronise(bool /*data_only*/) override { return fail_with(EINVAL); }
    void closed() override;
    void destroy() override;

private:
    friend class Watches;

    /// Error: EAGAIN.
    Outcome<std::size_t> collect(std::span<epoll_event> events);
    Outcome<> check_nesting(File& file);
    /// How many epolls deep the nested ones go; -1: one of them is `target`, or it is too deep.
    int depth_to(const EpollFile& target, int allowed);
    [[nodiscard]] Watch* find(const File& file, int fd);
    Outcome<> reserve(int fd);
    void unlink(Watch& watch);
    void destroy_watch(Watch& watch);

    Mutex lock_;
    Watch** table_ = nullptr;  ///< by descriptor
    std::size_t table_size_ = 0;
    std::uint32_t round_ = 0;
    bool is_closed_ = false;

    IntrusiveList<Watch, ReadyTag> ready_;  ///< under the lock of all watches
    Event changes_;
};

}  // namespace tenon::posix
