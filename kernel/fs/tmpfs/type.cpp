// SPDX-License-Identifier: Apache-2.0
// tmpfs for mount=: its options, and /tmp.
#include <optional>

#include "kernel/base/address.h"
#include "kernel/base/init_step.h"
#include "kernel/base/number.h"
#include "kernel/entropy/random.h"
#include "kernel/fs/mount_options.h"
#include "kernel/fs/tmpfs/tmpfs.h"
#include "kernel/mm/page_allocator.h"

namespace tenon::tmpfs {

namespace {

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const std::optional<std::uint64_t> number = take_number(text);
    if (!number || text.empty()) return number;
    if (text != "%" || *number > 100) return std::nullopt;
    return memory_statistics().total_bytes / 100 * *number;
}

std::optional<mode_t> parse_mode(std::string_view text) {
    mode_t mode = 0;
    if (text.empty() || text.size() > 5) return std::nullopt;
    for (const char digit : text) {
        if (digit < '0' || digit > '7') return std::nullopt;
        mode = mode * 8 + static_cast<mode_t>(digit - '0');
    }
    if (mode > 07777) return std::nullopt;
    return mode;
}

/// As on Linux: half of the memory, and as many inodes as that has pages.
Tmpfs::Options defaults() {
    const std::uint64_t pages = memory_statistics().total_bytes / page_size / 2;
    Tmpfs::Options options{.pages = pages, .inodes = pages};
    random_bytes(std::as_writable_bytes(std::span(&options.seed, 1)));
    return options;
}

Outcome<FileSystem*> make(std::string_view text) {
    Tmpfs::Options options = defaults();
    for (std::string_view key, value; take_option(text, key, value);) {
        if (const auto size = parse_size(value); key == "size" && size)
            options.pages = (*size + page_size - 1) / page_size;
        else if (const auto inodes = parse_number(value); key == "inodes" && inodes)
            options.inodes = *inodes;
        else if (const auto mode = parse_mode(value); key == "mode" && mode)
            options.mode = *mode;
        else
            return fail_with(EINVAL);
    }
    return Tmpfs::make(options);
}

void register_tmpfs() {
    static FileSystemType type("tmpfs", make, "/tmp");
    register_file_system_type(type);
}

TENON_INIT_STEP(drivers, register_tmpfs);

}  // namespace

}  // namespace tenon::tmpfs
