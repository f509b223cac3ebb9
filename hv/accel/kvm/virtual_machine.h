// SPDX-License-Identifier: Apache-2.0
// A KVM machine: memory slots, interrupt controllers, doorbells, interrupt lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hv/accel/kvm/kvm_device.h"

namespace hv::kvm {

/// Three pages that KVM needs on Intel processors for a guest in real mode (KVM_SET_TSS_ADDR). They lie in the hole,
/// where there is neither RAM nor a device.
inline constexpr unsigned long task_state_pages = 0xFFFB'D000;

/// Interrupt lines of the I/O APIC, which KVM's default routing also gives to the old controllers below 16. Lines that
/// a PC uses for something else are left alone.
namespace line {
inline constexpr std::uint32_t count = 24;
inline constexpr std::uint32_t uart = 4;
inline constexpr std::uint32_t control = 23;
/// 5, 6, 7, then 9 to 21: 16 devices.
constexpr std::uint32_t device(std::uint32_t index) { return index < 3 ? 5 + index : 6 + index; }
}  // namespace line
static_assert(line::device(15) < line::control);

class VirtualMachine {
public:
    /// With the whole interrupt chip in the kernel. Errors: host_lacks.
    static Result<VirtualMachine> create(const KvmDevice& device);

    /// `bytes` outlive the machine.
    Result<> add_memory(std::uint64_t guest_physical, std::span<std::byte> bytes);
    /// A 4-byte write of `value` at `address` signals `event` (not owned) instead of leaving the guest.
    Result<> add_doorbell(std::uint64_t address, std::uint32_t value, int event);
    /// A write to `event` (not owned) is an edge on interrupt line `line`.
    Result<> add_interrupt(int event, std::uint32_t line);
    Result<FileDescriptor> create_vcpu(std::uint32_t index);

private:
    explicit VirtualMachine(FileDescriptor fd) : fd_(std::move(fd)) {}
    FileDescriptor fd_;
    std::uint32_t slot_count_ = 0;
};

}  // namespace hv::kvm
