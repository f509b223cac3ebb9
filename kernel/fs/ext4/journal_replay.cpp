// SPDX-License-Identifier: Apache-2.0
// Replaying the journal: three passes over its transactions, of which what is not complete does not count.
#include <algorithm>

#include "kernel/fs/ext4/big_endian.h"
#include "kernel/fs/ext4/journal.h"
#include "kernel/fs/ext4/journal_format.h"

namespace tenon::ext4 {

using namespace journal_format;

struct Journal::Walk {
    std::uint32_t at;            ///< the next block of the log
    std::uint32_t sequence;      ///< of the transaction there
    std::uint32_t end_sequence;  ///< behind the last one that is complete; the first pass finds it
    std::uint32_t steps = 0;     ///< blocks that were passed: at most all of the log
    std::uint64_t written = 0;
    std::byte* block = nullptr;
    std::byte* data = nullptr;
};

bool Journal::has_sound_checksum(std::byte* block, std::size_t offset) const {
    const std::uint32_t expected = load_big(block + offset);
    store_big(block + offset, 0);
    const bool is_super_block = block == super_block_;
    const std::uint32_t found =
        Format::checksum(is_super_block ? ~0U : seed_, {block, is_super_block ? super_block_size : block_size_});
    store_big(block + offset, expected);
    return found == expected;
}

bool Journal::has_sound_tail(std::byte* block) const {
    if ((features_ & (checksum_2_feature | checksum_3_feature)) == 0) return true;
    return has_sound_checksum(block, block_size_ - tail_size);
}

Outcome<bool> Journal::is_revoked(std::uint64_t block, std::uint32_t sequence) const {
    const auto* found = std::lower_bound(revoked_.begin(), revoked_.end(), block,
                                         [](const Revoked& one, std::uint64_t wanted) { return one.block < wanted; });
    for (; found != revoked_.end() && found->block == block; ++found)
        if (static_cast<std::int32_t>(found->sequence - sequence) >= 0) return true;
    return false;
}

Outcome<> Journal::note_revoked(Walk& walk) {
    const std::size_t size = (features_ & wide_feature) != 0 ? 8 : 4;
    const std::size_t used = std::min<std::size_t>(load_big(walk.block + header_size), block_size_);
    for (std::size_t at = revoke_header_size; at + size <= used; at += size) {
        std::uint64_t number = load_big(walk.block + at);
        if (size == 8) number = number << 32 | load_big(walk.block + at + 4);
        CHECK(revoked_.push_back({number, walk.sequence}));
    }
    return {};
}

/// The blocks that a descriptor names, which follow it.
Outcome<> Journal::replay_tags(Pass pass, Walk& walk, const char*& why) {
    const bool version_3 = (features_ & checksum_3_feature) != 0;
    const bool version_2 = (features_ & checksum_2_feature) != 0;
    const bool wide = (features_ & wide_feature) != 0;
    const std::size_t tag_size = version_3 ? 16 : (wide ? 12 : 8) + (version_2 ? 2 : 0);
    const std::byte* const end = walk.block + block_size_ - (version_2 || version_3 ? tail_size : 0);
    for (const std::byte* tag = walk.block + header_size; tag + tag_size <= end;) {
        const std::uint32_t word = load_big(tag + 4);
        const std::uint32_t flags = version_3 ? word : word & 0xFFFF;
        std::uint64_t number = load_big(tag);
        if (wide) number |= std::uint64_t{load_big(tag + 8)} << 32;
        if (++walk.steps > length()) return fail_with(EIO);
        TRY(const bool revoked, is_revoked(number, walk.sequence));
        if (pass == Pass::replay && !revoked) {
            if (number >= block_count_) return fail_with(EIO);
            CHECK(read(walk.at, walk.data));
            std::byte sequence[4];
            store_big(sequence, walk.sequence);
            const std::uint32_t sum =
                version_2 || version_3 ? Format::checksum(Format::checksum(seed_, sequence), {walk.data, block_size_})
                                       : 0;
            if ((version_3 && sum != load_big(tag + 12)) || (version_2 && (sum & 0xFFFF) != word >> 16)) {
                why = "a block in its journal has a wrong checksum (run e2fsck)";
                return fail_with(EIO);
            }
            if ((flags & escaped_flag) != 0) store_big(walk.data, magic);
            const StorePiece piece{number * block_size_, walk.data, block_size_};
            CHECK(store_.write({&piece, 1}));
            ++walk.written;
        }
        walk.at = after(walk.at);
        tag += tag_size + ((flags & same_uuid_flag) == 0 ? uuid_size : 0);
        if ((flags & last_tag_flag) != 0) break;
    }
    return {};
}

Outcome<> Journal::walk(Pass pass, Walk& walk, const char*& why) {
    while (pass == Pass::scan || walk.sequence != walk.end_sequence) {
        CHECK(read(walk.at, walk.block));
        if (load_big(walk.block) != magic || load_big(walk.block + transaction_offset) != walk.sequence) break;
        if (++walk.steps > length()) break;
        walk.at = after(walk.at);
        const std::uint32_t type = load_big(walk.block + type_offset);
        if (type == descriptor_block && has_sound_tail(walk.block)) {
            // In the scan a log that is longer than itself ends here.
            if (const auto done = replay_tags(pass, walk, why); !done) {
                if (pass == Pass::scan) break;
                return done;
            }
        } else if (type == revoke_block && has_sound_tail(walk.block)) {
            if (pass == Pass::revoke) CHECK(note_revoked(walk));
        } else if (type == commit_block_type) {
            const bool checked = (features_ & (checksum_2_feature | checksum_3_feature)) != 0;
            if (checked && !has_sound_checksum(walk.block, commit_checksum_offset)) break;
            ++walk.sequence;
        } else {
            break;
        }
    }
    return {};
}

Outcome<std::uint64_t> Journal::replay(const char*& why) {
    if (is_empty()) return 0;
    why = "its journal is damaged (run e2fsck)";
    Walk now{.at = start_, .sequence = sequence_, .end_sequence = sequence_};
    TRY(now.block, temporary());
    TRY(now.data, temporary());
    for (const Pass pass : {Pass::scan, Pass::revoke, Pass::replay}) {
        now.at = start_;
        now.sequence = sequence_;
        now.steps = 0;
        CHECK(walk(pass, now, why));
        if (pass == Pass::scan) now.end_sequence = now.sequence;
        std::sort(revoked_.begin(), revoked_.end(),
                  [](const Revoked& one, const Revoked& other) { return one.block < other.block; });
    }
    sequence_ = now.end_sequence;
    revoked_ = {};
    used_temporary_ = 0;
    return now.written;
}

}  // namespace tenon::ext4
