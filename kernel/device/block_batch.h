// SPDX-License-Identifier: Apache-2.0
// Requests to a disk that a thread submits together and waits for together.
#pragma once

#include "kernel/device/block_device.h"

namespace tenon {

/// For file systems and caches: add() many, submit() them with one doorbell, wait() for all with one wake-up. Each
/// request tells its own error. One thread uses a batch; it lives until wait() has returned.
class BlockBatch {
public:
    explicit BlockBatch(BlockDevice& device) : device_(device) {}
    BlockBatch(const BlockBatch&) = delete;
    BlockBatch& operator=(const BlockBatch&) = delete;
    /// Waits for what was submitted; what was only added is forgotten.
    ~BlockBatch();

    /// `request`, which the caller keeps until wait() has returned, has its operation, offset, and parts or range. Its
    /// `completed` and `context` belong to the batch.
    void add(BlockRequest& request);
    /// Starts the requests added since the last call. There may be several such calls before a wait().
    void submit();
    /// Waits until every submitted request has completed, and returns the first error of the requests in the order in
    /// which they completed. Afterwards the batch can be used again.
    [[nodiscard]] Result<> wait();

private:
    static void completed(BlockRequest& request);

    BlockDevice& device_;
    IntrusiveList<BlockRequest> added_;
    std::uint32_t count_ = 0;  ///< of added_
    /// Requests under way, and one while the thread does not wait: so it becomes 0 only once, for the waiting thread.
    std::atomic<std::uint32_t> under_way_ = 1;
    static constexpr int no_error = -1;
    std::atomic<int> error_ = no_error;
};

}  // namespace tenon
