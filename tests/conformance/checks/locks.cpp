// SPDX-License-Identifier: Apache-2.0
// Locks of files, within one process.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <limits>
#include <thread>

#include "../check.h"
#include "../tree.h"

using namespace conformance;

namespace {

struct flock part(int type, int whence, off_t start, off_t size) {
    struct flock lock = {};
    lock.l_type = static_cast<short>(type);
    lock.l_whence = static_cast<short>(whence);
    lock.l_start = start;
    lock.l_len = size;
    return lock;
}

}  // namespace

CONFORMANCE(file_locks) {
    plant_tree();
    const Descriptor one(open("text", O_RDWR)), other(open("text", O_RDONLY)), copy(dup(one));
    CALL("shared", flock(one, LOCK_SH));
    CALL("shared with another", flock(other, LOCK_SH | LOCK_NB));
    CALL("exclusive", flock(one, LOCK_EX | LOCK_NB));
    // Which has cost the shared one.
    CALL("exclusive for the other", flock(other, LOCK_EX | LOCK_NB));
    CALL("shared then", flock(one, LOCK_SH | LOCK_NB));
    CALL("of the copy", flock(copy, LOCK_SH | LOCK_NB));
    CALL("unlock", flock(other, LOCK_UN));
    CALL("unlock again", flock(other, LOCK_UN));
    CALL("of the copy then", flock(copy, LOCK_EX | LOCK_NB));
    CALL("is that of the first", flock(one, LOCK_EX | LOCK_NB));
    CALL("keeps the other out", flock(other, LOCK_SH | LOCK_NB));
    {
        const Descriptor third(open("hard", O_RDONLY));
        CALL("by another name too", flock(third, LOCK_SH | LOCK_NB));
        CALL("unlock by the copy", flock(copy, LOCK_UN));
        CALL("now it may", flock(third, LOCK_EX | LOCK_NB));
        CALL("and keeps out", flock(one, LOCK_SH | LOCK_NB));
    }
    CALL("until it is closed", flock(one, LOCK_EX | LOCK_NB));
    std::atomic<bool> has_it = false;
    std::thread waiter([&] {
        flock(other, LOCK_EX);
        has_it = true;
    });
    for (int i = 0; i != 20; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    VALUE("a thread waits", has_it.load());
    CALL("unlock for it", flock(one, LOCK_UN));
    waiter.join();
    VALUE("has it", has_it.load());
    CALL("neither", flock(one, 0));
    CALL("both", flock(one, LOCK_SH | LOCK_EX));
    CALL("of a wrong descriptor", flock(-1, LOCK_SH));
    const Descriptor directory(open("dir", O_RDONLY));
    CALL("of a directory", flock(directory, LOCK_EX | LOCK_NB));
    fell_tree();
}

CONFORMANCE(record_locks) {
    plant_tree();
    const Descriptor file(open("text", O_RDWR)), reader(open("text", O_RDONLY)), writer(open("text", O_WRONLY));
    lseek(file, 2, SEEK_SET);
    for (const auto& [name, fd] : {std::pair<const char*, int>{"both", file}, {"reader", reader}, {"writer", writer}})
        for (const int type : {F_RDLCK, F_WRLCK, F_UNLCK, 77}) {
            const std::string kind = type == F_RDLCK   ? "read"
                                     : type == F_WRLCK ? "write"
                                     : type == F_UNLCK ? "un"
                                                       : "no";
            struct flock lock = part(type, SEEK_SET, 0, 10);
            CALL(std::string(name) + " set " + kind + "lock", fcntl(fd, F_SETLK, &lock));
            CALL(std::string(name) + " wait for " + kind + "lock", fcntl(fd, F_SETLKW, &lock));
            CALL(std::string(name) + " get " + kind + "lock", fcntl(fd, F_GETLK, &lock));
            VALUE(std::string(name) + " is free for " + kind + "lock", lock.l_type == F_UNLCK);
        }
    struct flock lock = part(F_WRLCK, SEEK_CUR, -3, 0);
    CALL("ahead of the file", fcntl(file, F_SETLK, &lock));
    lock = part(F_WRLCK, SEEK_CUR, -1, -1);
    CALL("to the left", fcntl(file, F_SETLK, &lock));
    lock = part(F_WRLCK, SEEK_CUR, -1, -2);
    CALL("too far to the left", fcntl(file, F_SETLK, &lock));
    lock = part(F_WRLCK, SEEK_END, 100, 0);
    CALL("behind the end", fcntl(file, F_SETLK, &lock));
    lock = part(F_WRLCK, 77, 0, 0);
    CALL("wrong whence", fcntl(file, F_SETLK, &lock));
    lock = part(F_WRLCK, SEEK_SET, std::numeric_limits<off_t>::max(), 2);
    CALL("too far", fcntl(file, F_SETLK, &lock));
    lock = part(F_WRLCK, SEEK_SET, 0, 0);
    CALL("of a wrong descriptor", fcntl(-1, F_SETLK, &lock));
    CALL("lockf", lockf(file, F_LOCK, 0));
    CALL("lockf, trying", lockf(file, F_TLOCK, 5));
    CALL("lockf, testing", lockf(file, F_TEST, 5));
    CALL("lockf, unlocking", lockf(file, F_ULOCK, 5));
    CALL("lockf of what is read", lockf(reader, F_LOCK, 0));
    CALL("lockf, wrong", lockf(file, 77, 0));
    CALL("lockf ahead of the file", lockf(file, F_LOCK, -3));
    CALL("lockf of a wrong descriptor", lockf(-1, F_LOCK, 0));
    fell_tree();
}
