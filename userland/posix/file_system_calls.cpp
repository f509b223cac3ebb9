// SPDX-License-Identifier: Apache-2.0
// Calls about whole file systems.
#include <fcntl.h>
#include <limits.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "kernel/device/block_io.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/device_directory.h"
#include "userland/posix/inode_file.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

/// What is no file of a file system is /dev's.
Outcome<FileSystem*> file_system_of(int fd) {
    TRY(FileReference file, file_of(fd));
    if (const InodeFile* opened = inode_file(*file); opened != nullptr) return &opened->inode().file_system();
    TRY(InodeReference devices, find_inode(AT_FDCWD, "/dev"));
    return &devices->file_system();
}

Outcome<> describe(FileSystem& file_system, struct statvfs& result) {
    const FileSystemStatistics now = file_system.statistics();
    result = {};
    result.f_bsize = result.f_frsize = now.block_size;
    result.f_blocks = now.blocks;
    result.f_bfree = result.f_bavail = now.free_blocks;
    result.f_files = now.inodes;
    result.f_ffree = result.f_favail = now.free_inodes;
    result.f_fsid = file_system.number();
    result.f_flag = file_system.read_only() ? ST_RDONLY : 0;
    result.f_namemax = NAME_MAX;
    return {};
}

Outcome<> describe_at(const char* path, struct statvfs& result) {
    TRY(InodeReference inode, find_inode(AT_FDCWD, path));
    return describe(inode->file_system(), result);
}

Outcome<> describe_of(int fd, struct statvfs& result) {
    TRY(FileSystem * file_system, file_system_of(fd));
    return describe(*file_system, result);
}

Outcome<> synchronise_all_of(int fd) {
    TRY(FileSystem * file_system, file_system_of(fd));
    return file_system->synchronise();
}

}  // namespace

extern "C" {

int statvfs(const char* path, struct statvfs* result) { return answer(describe_at(path, *result)); }
int fstatvfs(int fd, struct statvfs* result) { return answer(describe_of(fd, *result)); }

void sync() {
    for_each_mount([](FileSystem& file_system) { (void)file_system.synchronise(); });
    flush_disks();
}
int syncfs(int fd) { return answer(synchronise_all_of(fd)); }

}  // extern "C"

}  // namespace tenon::posix
