// SPDX-License-Identifier: Apache-2.0
// Pipes: a buffer with an end for writing and one for reading.
#pragma once

#include <limits.h>

#include "kernel/sched/sync.h"
#include "userland/posix/blocking.h"
#include "userland/posix/file.h"
#include "userland/posix/net/parts.h"

namespace tenon::posix {

class PipeEnd;

/// The buffer. It lives as long as one of its ends. `lock` guards it.
struct Pipe {
    static constexpr std::size_t first_capacity = 65536;  ///< Linux's
    static constexpr std::size_t largest_capacity = 1 << 20;

    /// As much as there is, or fits.
    std::size_t take(Parts& parts);
    std::size_t put(Parts& parts, std::size_t size);
    [[nodiscard]] std::size_t room() const { return capacity - size; }
    /// Errors: EBUSY (more is in it), ENOMEM.
    Outcome<> resize(std::size_t new_capacity);

    Mutex lock;
    std::byte* buffer = nullptr;
    std::size_t capacity = 0;
    std::size_t first = 0;  ///< of the bytes that were written and not read
    std::size_t size = 0;
    std::uint32_t ends = 2;
    bool open[2] = {true, true};
    /// Null: it has gone.
    PipeEnd* end[2] = {nullptr, nullptr};
    Event data, space;
};

class PipeEnd final : public File {
public:
    enum class Direction : std::uint8_t { reading, writing };

    PipeEnd(Pipe& pipe, Direction direction, int flags)
        : File(Kind::pipe, flags | (direction == Direction::reading ? O_RDONLY : O_WRONLY)),
          pipe_(pipe),
          direction_(direction) {}

    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override;
    Outcome<std::size_t> read_parts(std::span<const iovec> parts) override;
    Outcome<std::size_t> write_parts(std::span<const iovec> parts) override;
    Outcome<> status(struct stat& status) override;
    /// FIONREAD, and fcntl's F_GETPIPE_SZ and F_SETPIPE_SZ.
    Outcome<int> control(unsigned long request, void* argument) override;
    Outcome<> synchronise(bool /*data_only*/) override { return fail_with(EINVAL); }
    short readiness() override;
    void closed() override;
    void destroy() override;

private:
    /// What may be written now of `left` bytes. Errors: EAGAIN, EPIPE.
    Outcome<std::size_t> write_some(Parts& parts, std::size_t left, std::size_t size);
    Outcome<int> set_capacity(std::size_t size);
    /// Wakes who reads, or who writes. With the lock held, so that the other end stays.
    void tell(Direction direction);

    Pipe& pipe_;
    Direction direction_;
};

}  // namespace tenon::posix
