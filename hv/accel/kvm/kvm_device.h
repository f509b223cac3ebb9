// SPDX-License-Identifier: Apache-2.0
// /dev/kvm: opened and checked, and its ioctls as Results.
#pragma once

#include <linux/kvm.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv::kvm {

/// An ioctl whose failure means that the host lacks something. Returns the ioctl's result.
template <typename Argument>
Result<int> kvm_call(int fd, unsigned long request, Argument argument, const char* name) {
    const int result = ioctl(fd, request, argument);
    if (result < 0) return fail(ErrorKind::host_lacks, std::string("kvm: ") + name + ": " + std::strerror(errno));
    return result;
}

/// Lists in KVM's ioctls: a header of 8 bytes, then the entries. The kernel's own declarations contain an anonymous
/// empty structure, whose size is not 0 in C++: their layout and the request numbers made from it would be wrong.
template <typename Entry, std::size_t most>
struct KvmList {
    std::uint32_t count;
    std::uint32_t padding;
    Entry entries[most];
};
inline constexpr std::size_t list_header_size = 8;
using CpuidList = KvmList<kvm_cpuid_entry2, 256>;
using MsrList = KvmList<kvm_msr_entry, 1>;
static_assert(offsetof(CpuidList, entries) == list_header_size && offsetof(MsrList, entries) == list_header_size);
inline constexpr unsigned long get_supported_cpuid = _IOC(_IOC_READ | _IOC_WRITE, KVMIO, 0x05, list_header_size);
inline constexpr unsigned long set_cpuid2 = _IOC(_IOC_WRITE, KVMIO, 0x90, list_header_size);
inline constexpr unsigned long set_msrs = _IOC(_IOC_WRITE, KVMIO, 0x89, list_header_size);

class KvmDevice {
public:
    /// Errors: host_lacks (no /dev/kvm, another version, or without a capability, by name), no_permission.
    static Result<KvmDevice> open();

    [[nodiscard]] int fd() const { return fd_.get(); }
    /// CPUID leaves that this host can offer to a guest.
    [[nodiscard]] Result<std::vector<kvm_cpuid_entry2>> supported_cpuid() const;
    Result<FileDescriptor> create_vm() const;
    /// Bytes of a vCPU's kvm_run.
    [[nodiscard]] Result<std::size_t> run_size() const;

private:
    explicit KvmDevice(FileDescriptor fd) : fd_(std::move(fd)) {}
    FileDescriptor fd_;
};

}  // namespace hv::kvm
