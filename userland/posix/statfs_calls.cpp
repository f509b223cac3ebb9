// SPDX-License-Identifier: Apache-2.0
// statfs: statvfs in another form.
#include <sys/statvfs.h>
#include <sys/vfs.h>

namespace {

int convert(int result, const struct statvfs& from, struct statfs& to) {
    if (result != 0) return result;
    to = {};
    to.f_bsize = static_cast<long>(from.f_bsize);
    to.f_blocks = from.f_blocks;
    to.f_bfree = from.f_bfree;
    to.f_bavail = from.f_bavail;
    to.f_files = from.f_files;
    to.f_ffree = from.f_ffree;
    to.f_namelen = static_cast<long>(from.f_namemax);
    to.f_frsize = static_cast<long>(from.f_frsize);
    to.f_flags = static_cast<long>(from.f_flag);
    return 0;
}

}  // namespace

extern "C" {

int statfs(const char* path, struct statfs* status) {
    struct statvfs found = {};
    const int result = statvfs(path, &found);
    return convert(result, found, *status);
}
int fstatfs(int fd, struct statfs* status) {
    struct statvfs found = {};
    const int result = fstatvfs(fd, &found);
    return convert(result, found, *status);
}

}  // extern "C"
