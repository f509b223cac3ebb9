// SPDX-License-Identifier: Apache-2.0
// Times of inodes: 34 bits of seconds from 1901 on, and nanoseconds where the inode has room for them.
#include "kernel/fs/ext4/inode_record.h"

namespace tenon::ext4 {

namespace {

constexpr unsigned epoch_bits = 2;

/// The extra field: two more bits of the seconds, counted from what a signed number of 32 bits means, then nanoseconds.
std::uint32_t pack(const timespec& time) {
    const std::int64_t above = (time.tv_sec - static_cast<std::int32_t>(time.tv_sec)) >> 32;
    return static_cast<std::uint32_t>(time.tv_nsec) << epoch_bits | static_cast<std::uint32_t>(above & 3);
}

timespec unpack(std::uint32_t seconds, std::uint32_t extra) {
    constexpr long second = 1'000'000'000;
    timespec time;
    time.tv_sec = static_cast<std::int32_t>(seconds) + (static_cast<std::int64_t>(extra & 3) << 32);
    time.tv_nsec = static_cast<long>(extra >> epoch_bits);
    if (time.tv_nsec >= second) time.tv_nsec = 0;
    return time;
}

}  // namespace

bool InodeRecord::has_extra(const std::uint32_t& field) const {
    const auto* begin = reinterpret_cast<const std::byte*>(this);
    const auto* end = reinterpret_cast<const std::byte*>(&field + 1);
    return end - begin <= static_cast<std::ptrdiff_t>(shortest) + extra_size;
}

timespec InodeRecord::time(Time which) const {
    const bool extra = has_extra(accessed_extra);
    switch (which) {
        case Time::accessed: return unpack(accessed, extra ? accessed_extra : 0);
        case Time::changed: return unpack(changed, extra ? changed_extra : 0);
        default: return unpack(modified, extra ? modified_extra : 0);
    }
}

void InodeRecord::set_time(Time which, const timespec& time) {
    const bool extra = has_extra(accessed_extra);
    const auto seconds = static_cast<std::uint32_t>(time.tv_sec);
    switch (which) {
        case Time::accessed:
            accessed = seconds;
            if (extra) accessed_extra = pack(time);
            break;
        case Time::changed:
            changed = seconds;
            if (extra) changed_extra = pack(time);
            break;
        case Time::modified:
            modified = seconds;
            if (extra) modified_extra = pack(time);
            break;
    }
}

void InodeRecord::set_created(const timespec& time) {
    if (!has_extra(created_extra)) return;
    created = static_cast<std::uint32_t>(time.tv_sec);
    created_extra = pack(time);
}

}  // namespace tenon::ext4
