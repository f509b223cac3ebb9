// SPDX-License-Identifier: Apache-2.0
// One KVM vCPU: its registers, and the record in which KVM reports why the vCPU left guest mode.
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
    /// Gives the guest the host's TSC, so that both use the same time stamps.
    Result<> use_host_tsc();
    /// Sets XCR0 to the value that the guest would set, which saves the exit of its XSETBV. Where QEMU emulates the
    /// host's processor the guest's AVX registers depend on it: QEMU 7.2 does not intercept XSETBV, so KVM would not
    /// learn of the new value.
    Result<> set_xstate_components(std::uint64_t mask);
    /// The state in which PVH enters a guest: 32-bit protected mode, flat segments, no paging, EBX = `start_info`.
    Result<> set_pvh_entry(std::uint32_t entry, std::uint32_t start_info);

    /// Runs guest code until the next exit. Returns 0, or KVM_RUN's error as a negative errno.
    int run();
    /// Fills in the registers of a crash report; those that KVM cannot read are zero.
    void read_registers(GuestEnd& end) const;

private:
    Vcpu(FileDescriptor fd, kvm_run* record, std::size_t size) : fd_(std::move(fd)), record_(record), size_(size) {}

    FileDescriptor fd_;
    kvm_run* record_;
    std::size_t size_;
};

}  // namespace hv::kvm
