// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/recording_store.h"

#include <algorithm>
#include <cstring>

namespace tenon::crash {

bool RecordingStore::fits(std::uint64_t offset, std::uint64_t size) const {
    return offset % sector == 0 && size % sector == 0 && offset <= disk_.size() && size <= disk_.size() - offset;
}

Outcome<> RecordingStore::read(std::span<const ext4::StorePiece> pieces) {
    for (const ext4::StorePiece& piece : pieces) {
        if (!fits(piece.offset, piece.size)) return fail_with(EIO);
        std::memcpy(piece.data, &disk_[piece.offset], piece.size);
    }
    return {};
}

Outcome<> RecordingStore::write(std::span<const ext4::StorePiece> pieces) {
    for (const ext4::StorePiece& piece : pieces) {
        if (!fits(piece.offset, piece.size)) return fail_with(EIO);
        std::memcpy(&disk_[piece.offset], piece.data, piece.size);
        for (std::size_t at = 0; at < piece.size;) {
            const std::size_t size = std::min(piece_ - (piece.offset + at) % piece_, piece.size - at);
            log_.push_back({false, piece.offset + at, {piece.data + at, piece.data + at + size}});
            at += size;
        }
    }
    return {};
}

Outcome<> RecordingStore::flush() {
    log_.push_back({true, 0, {}});
    return {};
}

Outcome<> RecordingStore::discard(std::uint64_t /*offset*/, std::uint64_t /*size*/) { return fail_with(EOPNOTSUPP); }

}  // namespace tenon::crash
