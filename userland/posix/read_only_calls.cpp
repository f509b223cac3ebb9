// SPDX-License-Identifier: Apache-2.0
// Calls that change a file system: the image's files cannot be changed, so they fail with EROFS.
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utime.h>
#include <unistd.h>

namespace {

int read_only() {
    errno = EROFS;
    return -1;
}

}  // namespace

extern "C" {

// Newlib's rename() calls it by this name.
int _rename(const char*, const char*) { return read_only(); }
int link(const char*, const char*) { return read_only(); }
int unlink(const char*) { return read_only(); }
int unlinkat(int, const char*, int) { return read_only(); }
int symlink(const char*, const char*) { return read_only(); }
int mkdir(const char*, mode_t) { return read_only(); }
int mkdirat(int, const char*, mode_t) { return read_only(); }
int rmdir(const char*) { return read_only(); }
int mkfifo(const char*, mode_t) { return read_only(); }
int mknod(const char*, mode_t, dev_t) { return read_only(); }
int truncate(const char*, off_t) { return read_only(); }
int ftruncate(int, off_t) { return read_only(); }
int chmod(const char*, mode_t) { return read_only(); }
int fchmod(int, mode_t) { return read_only(); }
int fchmodat(int, const char*, mode_t, int) { return read_only(); }
int chown(const char*, uid_t, gid_t) { return read_only(); }
int fchown(int, uid_t, gid_t) { return read_only(); }
int lchown(const char*, uid_t, gid_t) { return read_only(); }
int utime(const char*, const utimbuf*) { return read_only(); }
int utimes(const char*, const timeval*) { return read_only(); }
int utimensat(int, const char*, const timespec*, int) { return read_only(); }
int futimens(int, const timespec*) { return read_only(); }

/// Kept by nobody, since no file is ever made.
mode_t umask(mode_t) { return 022; }
void sync() {}

}  // extern "C"
