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
    std::uint64_t size;            ///< bytes; that of `parts` for reads and writes
    std::span<const iovec> parts;  ///< stay valid and unchanged until the operation has completed
};

/// Completions come only out of submit() and wait(), and, for an engine on a ring, from the event loop.
class IoListener {
public:
    /// `result`: bytes for reads and writes, 0 for others, or a negative errno.
    virtual void io_completed(std::uint32_t tag, std::int32_t result) = 0;
    /// The loop brought completions: now is the time to tell the guest.
    virtual void io_batch_completed() = 0;

protected:
    ~IoListener() = default;
};

/// One file's. All calls on the event loop's thread.
class IoEngine {
public:
    virtual ~IoEngine() = default;
    void listen(IoListener& listener) { listener_ = &listener; }
    /// Notes an operation; nothing happens before submit(). `tag` is given back by io_completed().
    virtual void queue(std::uint32_t tag, const IoOperation& operation) = 0;
    /// Starts all that was queued, by one system call where the engine can. What completes at once does so in here.
    /// False: the host has no memory for it now; it stays queued.
    [[nodiscard]] virtual bool submit() = 0;
    /// Returns when nothing is queued or under way any more: no buffer is touched from then on.
    virtual void wait() = 0;

protected:
    IoListener* listener_ = nullptr;
};

}  // namespace hv
