// SPDX-License-Identifier: Apache-2.0
// A file system in RAM.
#pragma once

#include "kernel/fs/file_system.h"
#include "kernel/fs/tmpfs/budget.h"
#include "kernel/sched/sync.h"

namespace tenon::tmpfs {

class Directory;

class Tmpfs final : public FileSystem {
public:
    struct Options {
        std::uint64_t pages;     ///< of files' contents
        std::uint64_t inodes;    ///< files, directories and links
        mode_t mode = 01777;     ///< of its root
        std::uint64_t seed = 0;  ///< random, for directories' tables
    };
    /// Error: ENOMEM. It lives as long as the machine, but for tests.
    static Outcome<Tmpfs*> make(const Options& options);
    ~Tmpfs();

    Inode& root() override { return *root_; }
    FileSystemStatistics statistics() override;

    // For inodes.
    Budget& pages() { return pages_; }
    Budget& inodes() { return inodes_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    [[nodiscard]] ino_t next_number() { return last_number_.fetch_add(1, std::memory_order_relaxed) + 1; }
    /// Held while names or link counts change: moves concern two directories and what is above them.
    Mutex& naming() { return naming_; }

    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept;
    static void operator delete(void* object);

private:
    explicit Tmpfs(const Options& options);

    Budget pages_, inodes_;
    std::uint64_t seed_;
    std::atomic<ino_t> last_number_ = 0;
    Mutex naming_;
    Inode* root_ = nullptr;  // a reference
};

}  // namespace tenon::tmpfs
