// SPDX-License-Identifier: Apache-2.0
// How a disk's requests reach the host's storage.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

namespace hv {

struct IoOperation {
    enum class Kind : std::uint8_t { read, write, write_through, flush, punch_hole, zero_range } kind;
    std::uint64_t offset;          ///< bytes into the file
    std::uint64_t size;            ///< bytes; for reads and writes the size of `parts`
    std::span<const iovec> parts;  ///< valid and unchanged until the operation has completed
};

/// Called only from within submit() and wait(), and, by an engine on a ring, from the event loop.
class IoListener {
public:
    /// `result`: bytes for reads and writes, 0 for others, or a negative errno.
    virtual void io_completed(std::uint32_t tag, std::int32_t result) = 0;
    /// The event loop has delivered all completions that are there now: the device interrupts the guest now.
    virtual void io_batch_completed() = 0;

protected:
    ~IoListener() = default;
};

/// Performs the operations of one file. All calls on the event loop's thread.
class IoEngine {
public:
    virtual ~IoEngine() = default;
    void listen(IoListener& listener) { listener_ = &listener; }
    /// Queues an operation, which submit() starts. io_completed() returns `tag`.
    virtual void queue(std::uint32_t tag, const IoOperation& operation) = 0;
    /// Starts all queued operations, by one system call if the engine can. May deliver completions. False: the host has
    /// no memory for requests now; they stay queued.
    [[nodiscard]] virtual bool submit() = 0;
    /// Waits until no operation is queued or in flight: afterwards no buffer is accessed.
    virtual void wait() = 0;

protected:
    IoListener* listener_ = nullptr;
};

}  // namespace hv
