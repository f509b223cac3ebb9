// SPDX-License-Identifier: Apache-2.0
// A file system, and the tree that mounted file systems are together.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "kernel/base/intrusive_list.h"
#include "kernel/fs/inode.h"

namespace tenon {

/// As statvfs() gives them.
struct FileSystemStatistics {
    std::uint64_t block_size;
    std::uint64_t blocks, free_blocks;
    std::uint64_t inodes, free_inodes;
};

/// Mounted once, for as long as the machine runs. Methods are called by several threads at once.
class FileSystem : public ListLink<> {
public:
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;

    [[nodiscard]] virtual Inode& root() = 0;
    [[nodiscard]] virtual FileSystemStatistics statistics() = 0;
    /// All that was written is durable when it returns.
    virtual Outcome<> synchronise() { return {}; }

    /// "tmpfs"; lives as long as the file system.
    [[nodiscard]] const char* type() const { return type_; }
    /// Its number: st_dev of its files.
    [[nodiscard]] dev_t number() const { return number_; }
    [[nodiscard]] bool read_only() const { return read_only_; }
    /// The directory that it is mounted on; null: nothing, or the root of all.
    [[nodiscard]] Inode* covered() const { return covered_; }
    /// That directory's path when it was mounted: "/tmp".
    [[nodiscard]] std::string_view path() const { return path_; }

    /// Mounts it on a directory; `path` lives as long as the machine. Error: EBUSY (something is mounted there).
    Outcome<> mount_on(InodeReference directory, std::string_view path);

protected:
    constexpr FileSystem(const char* type, dev_t number, bool read_only)
        : type_(type), number_(number), read_only_(read_only) {}
    ~FileSystem() = default;

private:
    const char* type_;
    dev_t number_;
    bool read_only_;
    std::string_view path_;
    Inode* covered_ = nullptr;  // a reference: nothing is ever unmounted
};

/// Numbers of those that are in every image; another one gets the next free number.
inline constexpr dev_t devices_number = 1, archive_number = 2;
[[nodiscard]] dev_t next_file_system_number();

/// The directory "/": the archive's, or what is mounted on it.
[[nodiscard]] InodeReference root_directory();
/// What is found at `inode`: the root of what is mounted there, or itself.
[[nodiscard]] InodeReference cross_mounts(InodeReference inode);
/// The directory above, beyond a mount's root too; that of "/" is itself.
[[nodiscard]] Outcome<InodeReference> parent_of(Inode& directory);

/// Calls visit(FileSystem&) for each file system but the root, in the order in which they were mounted.
template <typename Visit>
void for_each_mount(Visit&& visit);
namespace detail {
[[nodiscard]] IntrusiveList<FileSystem>& mounts();
}
template <typename Visit>
void for_each_mount(Visit&& visit) {
    detail::mounts().for_each(visit);
}

}  // namespace tenon
