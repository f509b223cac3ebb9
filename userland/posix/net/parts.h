// SPDX-License-Identifier: Apache-2.0
// A position in a list of buffers (struct iovec).
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

namespace tenon::posix {

[[nodiscard]] inline std::size_t size_of(std::span<const iovec> parts) {
    std::size_t size = 0;
    for (const iovec& part : parts) size += part.iov_len;
    return size;
}

/// Goes through the parts from front to back. The parts stay the caller's.
class Parts {
public:
    explicit Parts(std::span<const iovec> parts) : parts_(parts) { skip_empty(); }

    [[nodiscard]] bool at_end() const { return parts_.empty(); }
    /// The bytes from here to the end of the part; empty at the end of all.
    [[nodiscard]] std::span<std::byte> contiguous() const {
        if (at_end()) return {};
        return {static_cast<std::byte*>(parts_[0].iov_base) + offset_, parts_[0].iov_len - offset_};
    }
    /// At most contiguous().size().
    void advance(std::size_t size) {
        offset_ += size;
        if (!at_end() && offset_ == parts_[0].iov_len) {
            parts_ = parts_.subspan(1);
            offset_ = 0;
            skip_empty();
        }
    }
    /// Returns how many bytes were stored.
    std::size_t put(const void* data, std::size_t size) {
        std::size_t done = 0;
        while (done < size && !at_end()) {
            const auto room = contiguous();
            const std::size_t count = std::min(room.size(), size - done);
            std::memcpy(room.data(), static_cast<const std::byte*>(data) + done, count);
            advance(count);
            done += count;
        }
        return done;
    }
    /// Returns how many bytes were read.
    std::size_t get(void* data, std::size_t size) {
        std::size_t done = 0;
        while (done < size && !at_end()) {
            const auto source = contiguous();
            const std::size_t count = std::min(source.size(), size - done);
            std::memcpy(static_cast<std::byte*>(data) + done, source.data(), count);
            advance(count);
            done += count;
        }
        return done;
    }
    void skip(std::size_t size) {
        while (size > 0 && !at_end()) {
            const std::size_t count = std::min(contiguous().size(), size);
            advance(count);
            size -= count;
        }
    }

private:
    void skip_empty() {
        while (!parts_.empty() && parts_[0].iov_len == 0) parts_ = parts_.subspan(1);
    }
    std::span<const iovec> parts_;
    std::size_t offset_ = 0;
};

}  // namespace tenon::posix
