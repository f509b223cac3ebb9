// SPDX-License-Identifier: Apache-2.0
// Disk requests by ordinary calls.
#include "hv/devices/blk/sync_engine.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <cerrno>

namespace hv {

std::int32_t SyncEngine::perform(const IoOperation& operation) const {
    const auto offset = static_cast<off_t>(operation.offset);
    const auto size = static_cast<off_t>(operation.size);
    const auto count = static_cast<int>(operation.parts.size());
    ssize_t result = -1;
    switch (operation.kind) {
        case IoOperation::Kind::read: result = preadv(file_, operation.parts.data(), count, offset); break;
        case IoOperation::Kind::write: result = pwritev(file_, operation.parts.data(), count, offset); break;
        case IoOperation::Kind::write_through:
            result = pwritev2(file_, operation.parts.data(), count, offset, RWF_DSYNC);
            break;
        case IoOperation::Kind::flush: result = fdatasync(file_); break;
        case IoOperation::Kind::punch_hole:
            result = fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
            break;
        case IoOperation::Kind::zero_range:
            result = fallocate(file_, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, size);
            break;
    }
    return result < 0 ? -errno : static_cast<std::int32_t>(result);
}

bool SyncEngine::submit() {
    // A completion may queue the rest of its request: that is for the next call.
    started_.swap(queued_);
    for (const auto& [tag, operation] : started_) listener_->io_completed(tag, perform(operation));
    started_.clear();
    return true;
}

}  // namespace hv
