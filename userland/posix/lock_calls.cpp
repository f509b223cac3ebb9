// SPDX-License-Identifier: Apache-2.0
// flock: locks of whole files, which belong to what open() made, so that two threads can keep each other out. And
// lockf.
#include <fcntl.h>
#include <unistd.h>

#include "kernel/sched/wait.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/inode_file.h"
#include "userland/posix/record_locks.h"

namespace tenon::posix {

namespace {

/// A granted lock.
struct FileLock : ListLink<> {
    InodeFile* owner;
    bool is_exclusive;
};

class FileLocks {
public:
    /// Takes over `fresh` if the file had no lock; false: another one is in the way, and the file's own has gone.
    bool take(InodeFile& owner, bool is_exclusive, FileLock*& fresh, FileLock*& unused) {
        FileLock* own = find(owner);
        if (own != nullptr && own->is_exclusive == is_exclusive) return true;
        if (own != nullptr) {
            all_.remove(*own);
            unused = own;
        }
        if (all_.find([&](const FileLock& each) {
                return &each.owner->inode() == &owner.inode() && (is_exclusive || each.is_exclusive);
            }) != nullptr)
            return false;
        fresh->owner = &owner;
        fresh->is_exclusive = is_exclusive;
        all_.push_back(*std::exchange(fresh, nullptr));
        return true;
    }
    FileLock* remove(InodeFile& owner) {
        FileLock* own = find(owner);
        if (own != nullptr) all_.remove(*own);
        return own;
    }

private:
    FileLock* find(InodeFile& owner) {
        return all_.find([&](const FileLock& each) { return each.owner == &owner; });
    }
    IntrusiveList<FileLock> all_;
};

constinit Locked<FileLocks> locks("file locks");
constinit WaitQueue released("file locks");

void unlock(InodeFile& file) {
    FileLock* own = locks.with([&](FileLocks& all) { return all.remove(file); });
    if (own == nullptr) return;
    heap_free(own);
    released.wake_all();
}

Outcome<> lock(InodeFile& file, bool is_exclusive, bool may_wait) {
    void* memory = heap_allocate(sizeof(FileLock));
    if (memory == nullptr) return fail_with(ENOLCK);
    FileLock* fresh = new (memory) FileLock{};
    FileLock* unused = nullptr;
    const auto take = [&] {
        return locks.with([&](FileLocks& all) { return all.take(file, is_exclusive, fresh, unused); });
    };
    file.when_closed(unlock);
    bool is_taken = take();
    // A lock of another kind has gone: who waits for that may go on.
    if (unused != nullptr) released.wake_all();
    if (!is_taken && may_wait) {
        released.wait_until(take);
        is_taken = true;
    }
    heap_free(fresh);
    heap_free(unused);
    if (!is_taken) return fail_with(EWOULDBLOCK);
    return {};
}

Outcome<> control(int fd, int operation) {
    TRY(FileReference file, file_of(fd));
    const int kind = operation & ~LOCK_NB;
    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN) return fail_with(EINVAL);
    InodeFile* opened = inode_file(*file);
    // Devices and sockets: nothing to keep out.
    if (opened == nullptr) return {};
    if (kind != LOCK_UN) return lock(*opened, kind == LOCK_EX, (operation & LOCK_NB) == 0);
    unlock(*opened);
    return {};
}

Outcome<int> control_part(int fd, int command, off_t size) {
    TRY(FileReference file, file_of(fd));
    struct flock part = {};
    part.l_whence = SEEK_CUR;
    part.l_len = size;
    part.l_type = F_WRLCK;
    switch (command) {
        case F_TEST: return control_record_lock(*file, F_GETLK, &part);
        case F_LOCK:
        case F_TLOCK: return control_record_lock(*file, F_SETLK, &part);
        case F_ULOCK: part.l_type = F_UNLCK; return control_record_lock(*file, F_SETLK, &part);
        default: return fail_with(EINVAL);
    }
}

}  // namespace

extern "C" {

int flock(int fd, int operation) { return answer(control(fd, operation)); }
int lockf(int fd, int command, off_t size) { return answer(control_part(fd, command, size)); }

}  // extern "C"

}  // namespace tenon::posix
