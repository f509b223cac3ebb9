// SPDX-License-Identifier: Apache-2.0
// Opening /dev/kvm (Linux, Documentation/virt/kvm/api.rst).
#include "hv/accel/kvm/kvm_device.h"

#include <fcntl.h>

#include <iterator>
#include <memory>

#include "hv/core/errno_kind.h"

namespace hv::kvm {

namespace {

struct Capability {
    unsigned long number;
    const char* name;
};
constexpr Capability needed[] = {
    {KVM_CAP_USER_MEMORY, "USER_MEMORY"},
    {KVM_CAP_IRQCHIP, "IRQCHIP"},
    {KVM_CAP_IRQFD, "IRQFD"},
    {KVM_CAP_IOEVENTFD, "IOEVENTFD"},
    {KVM_CAP_EXT_CPUID, "EXT_CPUID"},
    {KVM_CAP_IMMEDIATE_EXIT, "IMMEDIATE_EXIT"},
    {KVM_CAP_XCRS, "XCRS"},
};

}  // namespace

Result<KvmDevice> KvmDevice::open() {
    FileDescriptor fd(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (!fd) {
        const int error = errno;
        if (errno_kind(error) == ErrorKind::no_permission)
            return fail(ErrorKind::no_permission,
                        "/dev/kvm: no permission (is this user in the group 'kvm'? or use --accel pv)");
        return fail(ErrorKind::host_lacks, std::string("/dev/kvm: ") + std::strerror(error) + " (use --accel pv)");
    }
    const auto version = kvm_call(fd.get(), KVM_GET_API_VERSION, 0UL, "API version");
    if (!version)
        return fail(ErrorKind::host_lacks,
                    "/dev/kvm is no KVM device: " + version.error().message + " (use --accel pv)");
    if (*version != KVM_API_VERSION)
        return fail(ErrorKind::host_lacks,
                    "/dev/kvm speaks version " + std::to_string(*version) + " of its interface, not 12");
    for (const Capability& capability : needed)
        if (ioctl(fd.get(), KVM_CHECK_EXTENSION, capability.number) <= 0)
            return fail(ErrorKind::host_lacks, std::string("/dev/kvm lacks KVM_CAP_") + capability.name);
    return KvmDevice(std::move(fd));
}

Result<std::vector<kvm_cpuid_entry2>> KvmDevice::supported_cpuid() const {
    const auto list = std::make_unique<CpuidList>();
    list->count = static_cast<std::uint32_t>(std::size(list->entries));
    CHECK(kvm_call(fd_.get(), get_supported_cpuid, list.get(), "supported CPUID"));
    return std::vector<kvm_cpuid_entry2>(list->entries, list->entries + list->count);
}

Result<FileDescriptor> KvmDevice::create_vm() const {
    // Retried when a signal interrupts it.
    for (int attempt = 0;; ++attempt) {
        const int vm = ioctl(fd_.get(), KVM_CREATE_VM, 0UL);
        if (vm >= 0) return FileDescriptor(vm);
        if (errno != EINTR || attempt == 10)
            return fail(ErrorKind::host_lacks, std::string("kvm: cannot create a machine: ") + std::strerror(errno));
    }
}

Result<std::size_t> KvmDevice::run_size() const {
    TRY(const int size, kvm_call(fd_.get(), KVM_GET_VCPU_MMAP_SIZE, 0UL, "size of kvm_run"));
    return static_cast<std::size_t>(size);
}

}  // namespace hv::kvm
