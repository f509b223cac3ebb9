// SPDX-License-Identifier: Apache-2.0
// Reading the readable part of a chain from its start to its end.
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <span>

#include "hv/devices/shared_memory.h"

namespace hv {

/// Copies each byte once, across the borders of segments, which the driver chooses. The segments live as long as the
/// chain.
class ChainReader {
public:
    ChainReader() = default;
    explicit ChainReader(std::span<const iovec> segments) : segments_(segments) {}

    /// Copies the next bytes, at most the size of `to`. Returns how many there were.
    std::size_t read(std::span<std::byte> to) {
        std::size_t done = 0;
        while (done < to.size() && !segments_.empty()) {
            const iovec& segment = segments_.front();
            const std::size_t size = std::min(to.size() - done, segment.iov_len - offset_);
            copy_once(to.data() + done, static_cast<const std::byte*>(segment.iov_base) + offset_, size);
            done += size;
            offset_ += size;
            if (offset_ < segment.iov_len) break;
            segments_ = segments_.subspan(1);
            offset_ = 0;
        }
        return done;
    }

private:
    std::span<const iovec> segments_;
    std::size_t offset_ = 0;  ///< in the first segment
};

}  // namespace hv
