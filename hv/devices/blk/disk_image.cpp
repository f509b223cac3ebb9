// SPDX-License-Identifier: Apache-2.0
// Opening a disk image.
#include "hv/devices/blk/disk_image.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

constexpr std::uint32_t usual_physical_size = 4096;
constexpr std::uint32_t largest_block_size = 64 * 1024;

std::unexpected<Error> refuse(ErrorKind kind, const std::string& path, const std::string& why) {
    return fail(kind, fmt::format("disk '{}': {}", path, why));
}

Result<FileDescriptor> open_file(const std::string& path, bool read_only) {
    // Without O_NONBLOCK opening a pipe would wait for a writer.
    FileDescriptor file(open(path.c_str(), (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (file) return file;
    const int error = errno;
    if (error == ENOENT) return refuse(ErrorKind::not_found, path, "no such file (make one: truncate --size 1G FILE)");
    if (errno_kind(error) == ErrorKind::no_permission)
        return refuse(ErrorKind::no_permission, path,
                      fmt::format("{}{}", std::strerror(error), read_only ? "" : " (to read only: --disk FILE,ro)"));
    return refuse(ErrorKind::usage, path, std::strerror(error));
}

Result<> take_lock(DiskImage& image) {
    TRY(image.lock, open_file(image.path, image.read_only));
    struct stat first {
    }, second{};
    if (fstat(image.file.get(), &first) != 0 || fstat(image.lock.get(), &second) != 0 ||
        first.st_dev != second.st_dev || first.st_ino != second.st_ino)
        return refuse(ErrorKind::in_use, image.path, "was replaced while it was opened (try again)");
    if (flock(image.lock.get(), (image.read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK)
        return refuse(ErrorKind::host_lacks, image.path, fmt::format("cannot be locked: {}", std::strerror(errno)));
    return refuse(ErrorKind::in_use, image.path,
                  image.read_only
                      ? "another machine writes to it (stop that machine first)"
                      : "another machine has it open (stop that machine first, or let both have it read-only: ,ro)");
}

Result<> measure(DiskImage& image) {
    struct stat status {};
    if (fstat(image.file.get(), &status) != 0) return refuse(ErrorKind::usage, image.path, std::strerror(errno));
    image.block_size = static_cast<std::uint32_t>(disk_sector);
    image.physical_size = usual_physical_size;
    if (S_ISREG(status.st_mode)) {
        image.size = static_cast<std::uint64_t>(status.st_size);
        return {};
    }
    if (!S_ISBLK(status.st_mode)) return refuse(ErrorKind::usage, image.path, "neither a file nor a block device");
    int logical = 0;
    unsigned physical = 0;
    if (ioctl(image.file.get(), BLKGETSIZE64, &image.size) != 0 || ioctl(image.file.get(), BLKSSZGET, &logical) != 0 ||
        ioctl(image.file.get(), BLKPBSZGET, &physical) != 0)
        return refuse(ErrorKind::usage, image.path, fmt::format("its size cannot be read: {}", std::strerror(errno)));
    image.block_size = static_cast<std::uint32_t>(logical);
    image.physical_size = physical;
    if (!std::has_single_bit(image.block_size) || image.block_size < disk_sector ||
        image.block_size > largest_block_size || !std::has_single_bit(image.physical_size) ||
        image.physical_size < image.block_size)
        return refuse(ErrorKind::host_lacks, image.path, fmt::format("blocks of {} bytes are not supported", logical));
    return {};
}

Result<> check_size(const DiskImage& image, std::uint64_t size) {
    if (size == 0)
        return refuse(ErrorKind::usage, image.path, "image is empty (give it a size: truncate --size 1G FILE)");
    if (size % image.block_size != 0)
        return refuse(ErrorKind::usage, image.path,
                      fmt::format("image is {} bytes, not a multiple of {} (pad it, or use qemu-img resize)", size,
                                  image.block_size));
    return {};
}

/// Tests for holes by punching one behind the end of the file, which changes nothing.
bool takes_holes(const DiskImage& image) {
    return !image.read_only && fallocate(image.file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                         static_cast<off_t>(image.size), usual_physical_size) == 0;
}

}  // namespace

Result<DiskImage> DiskImage::open(const std::string& path, bool read_only) {
    DiskImage image{.path = path,
                    .file = {},
                    .lock = {},
                    .size = 0,
                    .block_size = 0,
                    .physical_size = 0,
                    .read_only = read_only,
                    .discards = false};
    TRY(image.file, open_file(path, read_only));
    CHECK(measure(image));
    // With O_NONBLOCK, io_uring would fail a request that has to wait for the storage.
    if (fcntl(image.file.get(), F_SETFL, read_only ? O_RDONLY : O_RDWR) != 0)
        return refuse(ErrorKind::internal, path, std::strerror(errno));
    CHECK(check_size(image, image.size));
    CHECK(take_lock(image));
    image.discards = takes_holes(image);
    return image;
}

Result<std::uint64_t> DiskImage::present_size() const {
    // Of a block device too. hv reads and writes by offsets only, so that the position does not matter.
    const off_t end = lseek(file.get(), 0, SEEK_END);
    if (end < 0) return refuse(ErrorKind::internal, path, std::strerror(errno));
    const auto present = static_cast<std::uint64_t>(end);
    CHECK(check_size(*this, present));
    return present;
}

}  // namespace hv
