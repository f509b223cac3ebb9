// SPDX-License-Identifier: Apache-2.0
// Requests to a disk that a thread submits together and waits for together.
#include "kernel/device/block_batch.h"

#include "kernel/sched/wait.h"

namespace tenon {

BlockBatch::~BlockBatch() {
    while (added_.pop_front() != nullptr) {
    }
    (void)wait();
}

void BlockBatch::add(BlockRequest& request) {
    request.completed = &BlockBatch::completed;
    request.context = this;
    added_.push_back(request);
    ++count_;
}

void BlockBatch::submit() {
    under_way_.fetch_add(count_);
    count_ = 0;
    device_.submit(added_);
}

void BlockBatch::completed(BlockRequest& request) {
    auto& self = *static_cast<BlockBatch*>(request.context);
    if (!request.result) {
        int none = no_error;
        self.error_.compare_exchange_strong(none, static_cast<int>(request.result.error()));
    }
    // After the subtraction the thread may return and free the batch; wake_address() only uses the address.
    const std::atomic<std::uint32_t>& word = self.under_way_;
    if (self.under_way_.fetch_sub(1) == 1) wake_address(word);
}

Result<> BlockBatch::wait() {
    for (std::uint32_t left = under_way_.fetch_sub(1) - 1; left != 0; left = under_way_.load())
        wait_on_address(under_way_, left);
    under_way_.store(1);
    const int error = error_.exchange(no_error);
    return error == no_error ? Result<>() : fail(static_cast<Error>(error));
}

}  // namespace tenon
