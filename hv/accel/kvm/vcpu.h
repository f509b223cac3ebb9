// SPDX-License-Identifier: Apache-2.0
// One KVM vCPU: its registers and the record through which it tells why it left the guest.
#pragma once

#include <cstdint>

#include "hv/accel/kvm/kvm_device.h"
#include "hv/guest/guest_end.h"

namespace hv::kvm {

class Vcpu {
public:
    /// Maps the vCPU's record, which is `run_size` bytes.
    static Result<Vcpu> create(FileDescriptor fd, std::size_t run_size);
    Vcpu(Vcpu&& other) noexcept;
    Vcpu& operator=(Vcpu&&) = delete;
    ~Vcpu();

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] kvm_run& record() const { return *record_; }

    Result<> set_cpuid(const std::vector<kvm_cpuid_entry2>& entries);
    /// The guest reads the host's TSC, so that both speak of the same moments.
    Result<> use_host_tsc();
    /// XCR0 as the guest wants it: spares it the exit of an XSETBV. It is also what keeps its AVX registers where QEMU
    /// emulates the host's processor: QEMU 7.2 does not intercept XSETBV, so KVM would go on loading the old value.
    Result<> set_xstate_components(std::uint64_t mask);
    /// The state in which PVH enters a guest: 32-bit protected mode, flat segments, no paging, EBX = `start_info`.
    Result<> set_pvh_entry(std::uint32_t entry, std::uint32_t start_info);

    /// Runs guest code until it leaves; negative errno where KVM_RUN fails.
    int run();
    /// Registers for a crash report; zeros where KVM does not tell.
    void read_registers(GuestEnd& end) const;

private:
    Vcpu(FileDescriptor fd, kvm_run* record, std::size_t size) : fd_(std::move(fd)), record_(record), size_(size) {}

    FileDescriptor fd_;
    kvm_run* record_;
    std::size_t size_;
};

}  // namespace hv::kvm
