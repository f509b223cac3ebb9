// SPDX-License-Identifier: Apache-2.0
// Locks of parts of files.
#include "userland/posix/record_locks.h"

#include <unistd.h>

#include "userland/posix/inode_file.h"

namespace tenon::posix {

namespace {

Outcome<off_t> base_of(File& file, int whence) {
    const InodeFile* opened = inode_file(file);
    struct stat now = {};
    switch (whence) {
        case SEEK_SET: return 0;
        case SEEK_CUR: return opened != nullptr ? opened->position() : 0;
        case SEEK_END: CHECK(file.status(now)); return now.st_size;
        default: return fail_with(EINVAL);
    }
}

Outcome<> check_range(File& file, const struct flock& lock) {
    TRY(const off_t base, base_of(file, lock.l_whence));
    off_t start = 0, end = 0;
    if (__builtin_add_overflow(base, off_t{lock.l_start}, &start)) return fail_with(EOVERFLOW);
    if (start < 0) return fail_with(EINVAL);
    if (lock.l_len > 0 && __builtin_add_overflow(start, off_t{lock.l_len} - 1, &end)) return fail_with(EOVERFLOW);
    if (lock.l_len < 0 && start + lock.l_len < 0) return fail_with(EINVAL);
    return {};
}

}  // namespace

Outcome<int> control_record_lock(File& file, int command, struct flock* lock) {
    if (lock == nullptr) return fail_with(EFAULT);
    const bool is_lock = lock->l_type == F_RDLCK || lock->l_type == F_WRLCK;
    if (!is_lock && (command == F_GETLK || lock->l_type != F_UNLCK)) return fail_with(EINVAL);
    CHECK(check_range(file, *lock));
    if (command == F_GETLK) {
        lock->l_type = F_UNLCK;
        return 0;
    }
    if (lock->l_type == F_RDLCK && !file.may_read()) return fail_with(EBADF);
    if (lock->l_type == F_WRLCK && !file.may_write()) return fail_with(EBADF);
    return 0;
}

}  // namespace tenon::posix
