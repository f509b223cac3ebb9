// SPDX-License-Identifier: Apache-2.0
// Pipes (pipe(7)).
#include "userland/posix/pipe.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <mutex>

#include "userland/posix/broken_pipe.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

using Direction = PipeEnd::Direction;

constexpr std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }

Outcome<> make_pipe(int* descriptors, int flags) {
    if (descriptors == nullptr) return fail_with(EFAULT);
    // Packets (O_DIRECT) are not supported.
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) return fail_with(EINVAL);
    void* memory = heap_allocate(sizeof(Pipe));
    if (memory == nullptr) return fail_with(ENOMEM);
    auto* pipe = new (memory) Pipe;
    FileReference end[2];
    const auto sized = pipe->resize(Pipe::first_capacity);
    for (const Direction direction : {Direction::reading, Direction::writing}) {
        const std::size_t index = index_of(direction);
        if (sized) pipe->end[index] = new (std::nothrow) PipeEnd(*pipe, direction, flags & O_NONBLOCK);
        if (pipe->end[index] != nullptr)
            end[index] = FileReference(pipe->end[index]);
        else
            --pipe->ends;
    }
    if (pipe->ends == 0) {
        heap_free(pipe->buffer);
        heap_free(pipe);
    }
    if (!end[0] || !end[1]) return fail_with(ENOMEM);
    const bool close_on_exec = (flags & O_CLOEXEC) != 0;
    TRY(const int reading, open_descriptor(std::move(end[0]), close_on_exec));
    const auto writing = open_descriptor(std::move(end[1]), close_on_exec);
    if (!writing) {
        (void)close_descriptor(reading);
        return std::unexpected(writing.error());
    }
    descriptors[0] = reading;
    descriptors[1] = *writing;
    return {};
}

}  // namespace

std::size_t Pipe::take(Parts& parts) {
    std::size_t done = 0;
    while (size != 0 && !parts.at_end()) {
        const std::size_t stored = parts.put(buffer + first, std::min(size, capacity - first));
        first = (first + stored) % capacity;
        size -= stored;
        done += stored;
    }
    // An empty pipe begins anew: the next bytes are in one piece.
    if (size == 0) first = 0;
    return done;
}

std::size_t Pipe::put(Parts& parts, std::size_t most) {
    std::size_t done = 0;
    while (done != most && size != capacity) {
        const std::size_t place = (first + size) % capacity;
        const std::size_t piece = std::min({most - done, capacity - size, capacity - place});
        done += parts.get(buffer + place, piece);
        size += piece;
    }
    return done;
}

Outcome<> Pipe::resize(std::size_t new_capacity) {
    if (new_capacity < size) return fail_with(EBUSY);
    auto* fresh = static_cast<std::byte*>(heap_allocate(new_capacity));
    if (fresh == nullptr) return fail_with(ENOMEM);
    const iovec all{fresh, size};
    const std::size_t kept = size;
    Parts parts({&all, 1});
    if (kept != 0) take(parts);
    heap_free(buffer);
    buffer = fresh;
    capacity = new_capacity;
    first = 0;
    size = kept;
    return {};
}

Outcome<std::size_t> PipeEnd::read(std::span<std::byte> buffer) {
    const iovec part{buffer.data(), buffer.size()};
    return read_parts({&part, 1});
}

Outcome<std::size_t> PipeEnd::write(std::span<const std::byte> data) {
    const iovec part{const_cast<std::byte*>(data.data()), data.size()};
    return write_parts({&part, 1});
}

Outcome<std::size_t> PipeEnd::read_parts(std::span<const iovec> list) {
    Parts parts(list);
    if (parts.at_end()) return 0;
    return block_for(pipe_.data, 0, !nonblocking(), [&]() -> Outcome<std::size_t> {
        const std::lock_guard guard(pipe_.lock);
        if (pipe_.size == 0)
            return pipe_.open[index_of(Direction::writing)] ? Outcome<std::size_t>(fail_with(EAGAIN)) : 0;
        const std::size_t size = pipe_.take(parts);
        tell(Direction::writing);
        return size;
    });
}

Outcome<std::size_t> PipeEnd::write_some(Parts& parts, std::size_t left, std::size_t size) {
    const std::lock_guard guard(pipe_.lock);
    if (!pipe_.open[index_of(Direction::reading)]) return fail_with(EPIPE);
    // POSIX: up to PIPE_BUF bytes are written in one step.
    const std::size_t room = pipe_.room();
    if (room == 0 || (size <= PIPE_BUF && room < left)) return fail_with(EAGAIN);
    const std::size_t written = pipe_.put(parts, std::min(left, room));
    tell(Direction::reading);
    return written;
}

Outcome<std::size_t> PipeEnd::write_parts(std::span<const iovec> list) {
    Parts parts(list);
    const std::size_t size = size_of(list);
    std::size_t done = 0;
    while (done != size) {
        const auto written =
            block_for(pipe_.space, 0, !nonblocking(), [&] { return write_some(parts, size - done, size); });
        if (!written) {
            if (written.error().code == EPIPE) signal_broken_pipe();
            if (done == 0) return std::unexpected(written.error());
            break;
        }
        done += *written;
    }
    return done;
}

Outcome<> PipeEnd::status(struct stat& status) {
    status = make_status(S_IFIFO | 0600, inode_of_others);
    return {};
}

Outcome<int> PipeEnd::set_capacity(std::size_t size) {
    if (size > INT32_MAX) return fail_with(EINVAL);
    if (size > Pipe::largest_capacity) return fail_with(EPERM);
    const std::size_t capacity = std::bit_ceil(std::max<std::size_t>(size, PIPE_BUF));
    const std::lock_guard guard(pipe_.lock);
    CHECK(pipe_.resize(capacity));
    tell(Direction::writing);
    return static_cast<int>(capacity);
}

Outcome<int> PipeEnd::control(unsigned long request, void* argument) {
    if (request == F_SETPIPE_SZ) return set_capacity(static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(argument)));
    const std::lock_guard guard(pipe_.lock);
    if (request == F_GETPIPE_SZ) return static_cast<int>(pipe_.capacity);
    if (request == FIONREAD) return give(argument, static_cast<int>(pipe_.size));
    return fail_with(ENOTTY);
}

short PipeEnd::readiness() {
    const std::lock_guard guard(pipe_.lock);
    if (direction_ == Direction::reading) {
        const bool has_writer = pipe_.open[index_of(Direction::writing)];
        return static_cast<short>((pipe_.size != 0 ? POLLIN : 0) | (has_writer ? 0 : POLLHUP));
    }
    const bool has_reader = pipe_.open[index_of(Direction::reading)];
    return static_cast<short>((pipe_.room() >= PIPE_BUF ? POLLOUT : 0) | (has_reader ? 0 : POLLERR));
}

void PipeEnd::tell(Direction direction) {
    (direction == Direction::reading ? pipe_.data : pipe_.space).signal();
    if (PipeEnd* other = pipe_.end[index_of(direction)]; other != nullptr) other->readiness_changed();
}

void PipeEnd::closed() {
    const std::lock_guard guard(pipe_.lock);
    pipe_.open[index_of(direction_)] = false;
    tell(Direction::reading);
    tell(Direction::writing);
}

void PipeEnd::destroy() {
    pipe_.lock.lock();
    pipe_.end[index_of(direction_)] = nullptr;
    pipe_.open[index_of(direction_)] = false;
    const bool is_last = --pipe_.ends == 0;
    pipe_.lock.unlock();
    if (is_last) {
        heap_free(pipe_.buffer);
        heap_free(&pipe_);
    }
    delete this;
}

extern "C" {

int pipe2(int descriptors[2], int flags) { return answer(make_pipe(descriptors, flags)); }
int pipe(int descriptors[2]) { return pipe2(descriptors, 0); }

}  // extern "C"

}  // namespace tenon::posix
