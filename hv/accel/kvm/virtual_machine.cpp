// SPDX-License-Identifier: Apache-2.0
// KVM machine calls (Linux, Documentation/virt/kvm/api.rst).
#include "hv/accel/kvm/virtual_machine.h"

namespace hv::kvm {

Result<VirtualMachine> VirtualMachine::create(const KvmDevice& device) {
    TRY(FileDescriptor fd, device.create_vm());
    VirtualMachine machine(std::move(fd));
    CHECK(kvm_call(machine.fd_.get(), KVM_SET_TSS_ADDR, task_state_pages, "task state pages"));
    CHECK(kvm_call(machine.fd_.get(), KVM_CREATE_IRQCHIP, 0UL, "interrupt controllers"));
    return machine;
}

Result<> VirtualMachine::add_memory(std::uint64_t guest_physical, std::span<std::byte> bytes) {
    kvm_userspace_memory_region region{};
    region.slot = slot_count_++;
    region.guest_phys_addr = guest_physical;
    region.memory_size = bytes.size();
    region.userspace_addr = reinterpret_cast<std::uint64_t>(bytes.data());
    CHECK(kvm_call(fd_.get(), KVM_SET_USER_MEMORY_REGION, &region, "memory slot"));
    return {};
}

Result<> VirtualMachine::add_doorbell(std::uint64_t address, std::uint32_t value, int event) {
    kvm_ioeventfd doorbell{};
    doorbell.datamatch = value;
    doorbell.addr = address;
    doorbell.len = 4;
    doorbell.fd = event;
    doorbell.flags = KVM_IOEVENTFD_FLAG_DATAMATCH;
    CHECK(kvm_call(fd_.get(), KVM_IOEVENTFD, &doorbell, "ioeventfd"));
    return {};
}

Result<> VirtualMachine::add_interrupt(int event, std::uint32_t line) {
    kvm_irqfd interrupt{};
    interrupt.fd = static_cast<std::uint32_t>(event);
    interrupt.gsi = line;
    CHECK(kvm_call(fd_.get(), KVM_IRQFD, &interrupt, "irqfd"));
    return {};
}

Result<FileDescriptor> VirtualMachine::create_vcpu(std::uint32_t index) {
    TRY(const int fd, kvm_call(fd_.get(), KVM_CREATE_VCPU, static_cast<unsigned long>(index), "vCPU"));
    return FileDescriptor(fd);
}

}  // namespace hv::kvm
