// SPDX-License-Identifier: Apache-2.0
// Disk requests by ordinary calls, one after the other: where the host forbids io_uring, or the user asks for it.
#pragma once

#include <utility>
#include <vector>

#include "hv/devices/blk/io_engine.h"

namespace hv {

/// The event loop waits for the storage meanwhile. What one operation can ask for bounds how long.
class SyncEngine final : public IoEngine {
public:
    /// `file` outlives the engine.
    explicit SyncEngine(int file) : file_(file) {}
    void queue(std::uint32_t tag, const IoOperation& operation) override { queued_.emplace_back(tag, operation); }
    [[nodiscard]] bool submit() override;
    void wait() override { (void)submit(); }

private:
    [[nodiscard]] std::int32_t perform(const IoOperation& operation) const;
    int file_;
    std::vector<std::pair<std::uint32_t, IoOperation>> queued_;
    std::vector<std::pair<std::uint32_t, IoOperation>> started_;
};

}  // namespace hv
