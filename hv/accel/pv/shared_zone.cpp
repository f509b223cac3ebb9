// SPDX-License-Identifier: Apache-2.0
// The memory of the I/O zone on `pv`.
#include "hv/accel/pv/shared_zone.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "hv/core/memory_file.h"

namespace hv::pv {

namespace {

Error system_error(ErrorKind kind, const char* what) {
    const char* const advice = errno == EFBIG ? " (ulimit -f)" : "";
    return {kind, std::string("cannot make the memory that hv shares with the guest: ") + what + ": " +
                      std::strerror(errno) + advice};
}

}  // namespace

Result<SharedZone> SharedZone::create(std::uint64_t size) {
    SharedZone zone;
    zone.writable_ = create_memory_file("tenon-io", false);
    if (!zone.writable_) return std::unexpected(system_error(ErrorKind::no_memory, "memfd_create"));
    const int fd = zone.writable_.get();
    if (ftruncate(fd, static_cast<off_t>(size)) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        return std::unexpected(system_error(ErrorKind::no_memory, "its size and seals"));

    const std::string self = "/proc/self/fd/" + std::to_string(fd);
    zone.read_only_ = FileDescriptor(open(self.c_str(), O_RDONLY | O_CLOEXEC));
    if (!zone.read_only_) return std::unexpected(system_error(ErrorKind::host_lacks, self.c_str()));

    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) return std::unexpected(system_error(ErrorKind::no_memory, "mmap"));
    zone.bytes_ = {static_cast<std::byte*>(memory), size};
    return zone;
}

SharedZone::SharedZone(SharedZone&& other) noexcept
    : writable_(std::move(other.writable_)),
      read_only_(std::move(other.read_only_)),
      bytes_(std::exchange(other.bytes_, {})) {}

SharedZone::~SharedZone() {
    if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

void SharedZone::close_files() {
    writable_ = FileDescriptor();
    read_only_ = FileDescriptor();
}

}  // namespace hv::pv
