// SPDX-License-Identifier: Apache-2.0
// An open file: what a descriptor stands for. Files, directories, the console and sockets derive from it.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include "kernel/mm/heap.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// POSIX's "open file description". Counted twice: references keep the object alive (a descriptor is one, an operation
/// in progress another); descriptors alone decide when it is closed. Methods are called by several threads at once.
/// Make one with `new (std::nothrow) X` (from the kernel heap) and hand it to a FileReference.
class File {
public:
    enum class Kind : std::uint8_t { other, console, regular, directory, socket, disk, pipe, epoll, timer, signals };

    File(const File&) = delete;
    File& operator=(const File&) = delete;

    /// Blocks for at least one byte unless nonblocking() (then EAGAIN); 0 at the end.
    virtual Outcome<std::size_t> read(std::span<std::byte> buffer);
    /// Returns how many bytes were taken.
    virtual Outcome<std::size_t> write(std::span<const std::byte> data);
    /// One part after the other until one is short; sockets override it, because a datagram is one call.
    virtual Outcome<std::size_t> read_parts(std::span<const iovec> parts);
    virtual Outcome<std::size_t> write_parts(std::span<const iovec> parts);
    virtual Outcome<std::size_t> read_at(std::span<std::byte> buffer, off_t offset);
    virtual Outcome<std::size_t> write_at(std::span<const std::byte> data, off_t offset);
    virtual Outcome<off_t> seek(off_t offset, int whence);
    virtual Outcome<> status(struct stat& status);
    virtual Outcome<int> control(unsigned long request, void* argument);
    /// `data_only`: without attributes that reading does not need.
    virtual Outcome<> synchronise(bool /*data_only*/) { return {}; }
    [[nodiscard]] virtual bool is_terminal() const { return false; }

    /// POLLIN, POLLOUT, POLLERR, POLLHUP as they are now. Code that makes one of them true calls readiness_changed()
    /// afterwards.
    virtual short readiness() { return POLLIN | POLLOUT; }
    /// Wakes the poll() calls that look at this file, and has epolls note it. Callable from interrupt handlers; two
    /// loads if there are none.
    void readiness_changed();

    /// The last descriptor was closed: wakes threads that block in read and write. References may still be held.
    virtual void closed() {}
    /// The last reference has gone: `delete this` for what was made with new, nothing for what is static.
    virtual void destroy() = 0;

    [[nodiscard]] Kind kind() const { return kind_; }
    /// O_RDONLY, O_WRONLY or O_RDWR, and O_APPEND, O_NONBLOCK, O_SYNC, O_DIRECT.
    [[nodiscard]] int flags() const { return flags_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool nonblocking() const { return (flags() & O_NONBLOCK) != 0; }
    [[nodiscard]] bool may_read() const { return (flags() & O_ACCMODE) != O_WRONLY; }
    [[nodiscard]] bool may_write() const { return (flags() & O_ACCMODE) != O_RDONLY; }
    /// Changes O_APPEND and O_NONBLOCK (fcntl F_SETFL, ioctl FIONBIO).
    virtual void set_flags(int flags);

    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
    static void operator delete(void* object) { heap_free(object); }
    static void operator delete(void* object, const std::nothrow_t&) noexcept { heap_free(object); }

protected:
    constexpr File(Kind kind, int flags) : flags_(flags), kind_(kind) {}
    /// What control() answers, where `argument` points. Error: EFAULT (a null pointer).
    template <typename T>
    static Outcome<int> give(void* argument, const T& value) {
        if (argument == nullptr) return fail_with(EFAULT);
        *static_cast<T*>(argument) = value;
        return 0;
    }
    /// Not virtual, so that static files need no exit handler.
    ~File() = default;

private:
    friend class FileReference;
    friend class DescriptorTable;
    friend class Poller;
    friend class Watches;

    std::atomic<std::uint32_t> references_ = 1;  // the maker's
    std::atomic<std::uint32_t> descriptors_ = 0;
    std::atomic<std::uint32_t> pollers_ = 0;
    std::atomic<struct Watch*> watches_ = nullptr;  ///< what epolls watch it; Watches has the lock
    std::atomic<int> flags_;
    Kind kind_;
};

/// Holds one reference to a File, or none.
class FileReference {
public:
    constexpr FileReference() = default;
    /// Takes over the maker's reference.
    explicit FileReference(File* file) : file_(file) {}
    static FileReference share(File& file) {
        file.references_.fetch_add(1, std::memory_order_relaxed);
        return FileReference(&file);
    }
    FileReference(FileReference&& other) noexcept : file_(std::exchange(other.file_, nullptr)) {}
    FileReference& operator=(FileReference&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~FileReference() {
        if (file_ != nullptr && file_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) file_->destroy();
    }

    explicit operator bool() const { return file_ != nullptr; }
    File* get() const { return file_; }
    File* operator->() const { return file_; }
    File& operator*() const { return *file_; }
    /// Gives the reference away.
    File* release() { return std::exchange(file_, nullptr); }

private:
    File* file_ = nullptr;
};

}  // namespace tenon::posix
