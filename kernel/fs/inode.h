// SPDX-License-Identifier: Apache-2.0
// A file, directory or symbolic link of a file system, whatever name it has.
#pragma once

#include <limits.h>
#include <sys/stat.h>
#include <time.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "kernel/base/outcome.h"

namespace tenon {

class FileSystem;
class Inode;

/// Holds one reference to an Inode, or none. Not inline: code is full of them.
class InodeReference {
public:
    constexpr InodeReference() = default;
    /// Takes over the maker's reference.
    explicit InodeReference(Inode* inode) : inode_(inode) {}
    static InodeReference share(Inode& inode);
    InodeReference(const InodeReference&) = delete;
    InodeReference& operator=(const InodeReference&) = delete;
    InodeReference(InodeReference&& other) noexcept : inode_(std::exchange(other.inode_, nullptr)) {}
    InodeReference& operator=(InodeReference&& other) noexcept {
        std::swap(inode_, other.inode_);
        return *this;
    }
    ~InodeReference();

    explicit operator bool() const { return inode_ != nullptr; }
    Inode* get() const { return inode_; }
    Inode* operator->() const { return inode_; }
    Inode& operator*() const { return *inode_; }
    /// Gives the reference away.
    Inode* release() { return std::exchange(inode_, nullptr); }

private:
    Inode* inode_ = nullptr;
};

struct DirectoryEntry {
    ino_t inode;
    mode_t type;  ///< S_IFREG, S_IFDIR, ...
    std::size_t name_size;
    char name[NAME_MAX + 1];  ///< without a terminating zero

    void set_name(std::string_view text) { name_size = text.copy(name, NAME_MAX); }
    [[nodiscard]] std::string_view text() const { return {name, name_size}; }
};

/// Attributes to be changed; the others stay. The change itself is a change of the status (ctime).
struct AttributeChange {
    std::optional<mode_t> permissions;  ///< 07777
    std::optional<uid_t> owner;
    std::optional<gid_t> group;
    std::optional<timespec> accessed, modified;
};

/// There is one object per inode for as long as anybody refers to it. Methods are called by several threads at once;
/// the file system locks. Names are 1 to NAME_MAX bytes without a slash, and never "." or "..". What a file system
/// does not override fails as on one that is read-only.
class Inode {
public:
    Inode(const Inode&) = delete;
    Inode& operator=(const Inode&) = delete;

    [[nodiscard]] FileSystem& file_system() const { return file_system_; }
    [[nodiscard]] ino_t number() const { return number_; }
    /// S_IFREG, S_IFDIR, ...
    [[nodiscard]] mode_t type() const { return type_; }
    [[nodiscard]] bool is_directory() const { return type_ == S_IFDIR; }
    [[nodiscard]] bool is_link() const { return type_ == S_IFLNK; }
    /// What is mounted on this directory, or null.
    [[nodiscard]] FileSystem* mounted() const { return mounted_.load(std::memory_order_acquire); }

    /// Everything but st_dev and st_blksize, which the caller fills in.
    virtual Outcome<> status(struct stat& status) = 0;
    virtual Outcome<> change(const AttributeChange& change);

    // Regular files. Offsets are at least 0.
    /// Less than asked for at the end only.
    virtual Outcome<std::size_t> read(std::span<std::byte> buffer, off_t offset);
    /// `append`: at the end, in one step; `offset` becomes where that was. Errors: ENOSPC, EFBIG, ENOMEM if not a byte
    /// was written.
    virtual Outcome<std::size_t> write(std::span<const std::byte> data, off_t& offset, bool append);
    virtual Outcome<> resize(off_t size);
    /// The first offset from `offset` on that is data, or a hole (SEEK_DATA, SEEK_HOLE). Error: ENXIO.
    virtual Outcome<off_t> find(off_t offset, bool hole);
    virtual Outcome<> synchronise(bool data_only);

    // Symbolic links.
    /// A target that does not fit is cut.
    virtual Outcome<std::size_t> read_link(std::span<char> buffer);

    // Directories.
    virtual Outcome<InodeReference> look_up(std::string_view name);
    /// The directory that this directory is in; the root's is itself.
    virtual Outcome<InodeReference> parent();
    /// Makes a regular file, a directory, or a symbolic link to `target`. Errors: EEXIST; ENOENT: this directory has
    /// been removed; EPERM: another type.
    virtual Outcome<InodeReference> create(std::string_view name, mode_t mode, std::string_view target);
    /// Gives `inode`, which is no directory and in the same file system, a further name.
    virtual Outcome<> link(std::string_view name, Inode& inode);
    /// Errors: ENOENT, EISDIR, EBUSY (a mount point); with `directory`: ENOTDIR, ENOTEMPTY.
    virtual Outcome<> unlink(std::string_view name, bool directory);
    enum class Rename : std::uint8_t { replace, keep, exchange };
    /// `to` is in the same file system. Errors: those of rename(2).
    virtual Outcome<> rename(std::string_view name, Inode& to, std::string_view new_name, Rename how);
    /// The entry behind `cookie`, which then is that entry's; 0 is ahead of the first. Cookies stay valid when entries
    /// come and go: an entry that was there all the time is met once. False: there is none. "." and ".." are no
    /// entries.
    virtual Outcome<bool> read_entry(std::uint64_t& cookie, DirectoryEntry& entry);

protected:
    constexpr Inode(FileSystem& file_system, ino_t number, mode_t type)
        : file_system_(file_system), number_(number), type_(type & S_IFMT) {}
    ~Inode() = default;
    /// Nobody refers to the object any more.
    virtual void unreferenced() {}
    /// How many references there are.
    [[nodiscard]] std::uint32_t references() const { return references_.load(std::memory_order_acquire); }

private:
    friend class InodeReference;
    friend class FileSystem;

    FileSystem& file_system_;
    std::atomic<FileSystem*> mounted_ = nullptr;
    ino_t number_;
    mode_t type_;
    std::atomic<std::uint32_t> references_ = 1;  // the maker's
};

}  // namespace tenon
