// SPDX-License-Identifier: Apache-2.0
// A message between local sockets, and the files that go with it.
#pragma once

#include <span>

#include "kernel/base/intrusive_list.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/local/name.h"

namespace tenon::posix {

/// Files on their way from one descriptor to another (SCM_RIGHTS): open until they arrive, or are dropped.
class PassedFiles {
public:
    static constexpr std::size_t most = 253;  ///< Linux, SCM_MAX_FD

    PassedFiles() = default;
    PassedFiles(PassedFiles&& other) noexcept
        : files_(std::exchange(other.files_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    PassedFiles& operator=(PassedFiles&& other) noexcept {
        std::swap(files_, other.files_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~PassedFiles() { drop(); }

    /// Adds the files of these descriptors. Errors: EBADF, EINVAL (too many), ENOMEM.
    Outcome<> add(std::span<const std::byte> descriptors);
    /// Opens as many as there is room for in `descriptors`; returns how many. The others are dropped.
    std::size_t open(std::span<int> descriptors, bool close_on_exec);
    [[nodiscard]] Outcome<PassedFiles> copy() const;
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t count() const { return count_; }
    void drop();

private:
    Outcome<> reserve();
    File** files_ = nullptr;
    std::size_t count_ = 0;
};

struct Message : ListLink<> {
    /// Room for `size` bytes. Null: no memory.
    static Message* make(std::size_t size);
    /// Without the lock of local sockets: it may close files.
    static void destroy(Message* message);

    [[nodiscard]] std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
    [[nodiscard]] std::size_t left() const { return size - done; }

    std::size_t size = 0;
    std::size_t done = 0;  ///< bytes that a stream's reader has had
    PassedFiles files;
    LocalName from;  ///< of datagrams
};

}  // namespace tenon::posix
