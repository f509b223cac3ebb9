// SPDX-License-Identifier: Apache-2.0
// An ext4 file system that is mounted.
#pragma once

#include "kernel/fs/ext4/block_store.h"
#include "kernel/fs/file_system.h"

namespace tenon::ext4 {

/// What happens when the disk fails, or when what is on it cannot be: nothing further is written, and then
enum class OnError : std::uint8_t {
    read_only,  ///< calls that change files fail with EROFS, and fsync() of what was changed with EIO
    panic,      ///< the machine ends
};

struct Options {
    bool read_only = false;
    OnError on_error = OnError::read_only;
    /// Bytes of files' contents that may be in memory.
    std::uint64_t cache_size = std::uint64_t{64} << 20;
    std::uint64_t seed = 0;  ///< random, for directories' tables
};

/// Steps that are left out, so that a test sees that it finds what is missing.
struct Faults {
    bool no_revoke = false;
    bool no_flush_before_commit = false;
    bool no_deferred_reuse = false;
};

class Volume;

/// Replays the journal, clears orphans, and marks the file system as in use. `store` outlives it. A line on the
/// console says why it cannot be mounted. Errors: EINVAL (no ext4), EOPNOTSUPP (a feature that is not supported),
/// EROFS (the store is read-only, and the journal has to be replayed), EIO (also what is damaged), ENOMEM.
Outcome<Volume*> mount(BlockStore& store, const Options& options, const Faults& faults = {});

/// Commits and writes all, marks the file system as clean, and frees it. Nobody has a reference to one of its inodes.
/// Error: EIO (also if it became read-only through an error before); it is freed all the same.
Outcome<> unmount(Volume& file_system);
/// Frees it and writes nothing, as at a power failure.
void abandon(Volume& file_system);

/// The interface that mounts and tests use; its files are Inodes from root().
FileSystem& as_file_system(Volume& file_system);

/// Counted since the mount.
struct Statistics {
    std::uint64_t commits, logged_blocks, revokes, checkpoints, replayed_blocks, data_blocks;
};
Statistics statistics_of(Volume& file_system);

}  // namespace tenon::ext4
