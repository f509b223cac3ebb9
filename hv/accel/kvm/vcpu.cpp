// SPDX-License-Identifier: Apache-2.0
// KVM vCPU calls.
#include "hv/accel/kvm/vcpu.h"

#include <sys/mman.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "hv/accel/kvm/registers.h"
#include "hv/core/clock_pair.h"

namespace hv::kvm {

Result<Vcpu> Vcpu::create(FileDescriptor fd, std::size_t run_size) {
    void* record = mmap(nullptr, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (record == MAP_FAILED) return fail(ErrorKind::no_memory, std::string("kvm_run: ") + std::strerror(errno));
    return Vcpu(std::move(fd), static_cast<kvm_run*>(record), run_size);
}

Vcpu::Vcpu(Vcpu&& other) noexcept
    : fd_(std::move(other.fd_)), record_(std::exchange(other.record_, nullptr)), size_(other.size_) {}

Vcpu::~Vcpu() {
    if (record_ != nullptr) munmap(record_, size_);
}

Result<> Vcpu::set_cpuid(const std::vector<kvm_cpuid_entry2>& entries) {
    const auto list = std::make_unique<CpuidList>();
    if (entries.size() > std::size(list->entries)) return fail(ErrorKind::host_lacks, "kvm: too many CPUID leaves");
    list->count = static_cast<std::uint32_t>(entries.size());
    std::ranges::copy(entries, list->entries);
    CHECK(kvm_call(fd_.get(), set_cpuid2, list.get(), "CPUID"));
    return {};
}

Result<> Vcpu::use_host_tsc() {
    std::uint64_t no_offset = 0;
    kvm_device_attr attribute{};
    attribute.group = KVM_VCPU_TSC_CTRL;
    attribute.attr = KVM_VCPU_TSC_OFFSET;
    attribute.addr = reinterpret_cast<std::uint64_t>(&no_offset);
    if (ioctl(fd_.get(), KVM_SET_DEVICE_ATTR, &attribute) == 0) return {};
    // Linux before 5.16 has only the MSR. Setting it is late by the time that the call takes, about 1 µs.
    MsrList list{
        .count = 1, .padding = 0, .entries = {{.index = ia32_time_stamp_counter, .reserved = 0, .data = host_tsc()}}};
    CHECK(kvm_call(fd_.get(), set_msrs, &list, "TSC"));
    return {};
}

Result<> Vcpu::set_xstate_components(std::uint64_t mask) {
    kvm_xcrs registers{};
    registers.nr_xcrs = 1;
    registers.xcrs[0].value = mask;
    CHECK(kvm_call(fd_.get(), KVM_SET_XCRS, &registers, "XCR0"));
    return {};
}

Result<> Vcpu::set_pvh_entry(std::uint32_t entry, std::uint32_t start_info) {
    kvm_sregs special{};
    CHECK(kvm_call(fd_.get(), KVM_GET_SREGS, &special, "get special registers"));
    special.cs = flat_code_segment(selector(1));
    special.ds = special.es = special.fs = special.gs = special.ss = flat_data_segment(selector(2));
    special.tr = {};
    special.tr.limit = 0x67;  // the last byte of a task state segment
    special.tr.type = segment_type::busy_32_bit_tss;
    special.tr.present = 1;
    special.cr0 = cr0::pe | cr0::et;
    special.cr3 = special.cr4 = special.efer = 0;
    CHECK(kvm_call(fd_.get(), KVM_SET_SREGS, &special, "set special registers"));
    kvm_regs general{};
    general.rflags = rflags_reserved_one;
    general.rip = entry;
    general.rbx = start_info;
    CHECK(kvm_call(fd_.get(), KVM_SET_REGS, &general, "set registers"));
    return {};
}

int Vcpu::run() { return ioctl(fd_.get(), KVM_RUN, 0UL) == 0 ? 0 : -errno; }

void Vcpu::read_registers(GuestEnd& end) const {
    tenon::abi::CrashReport& report = end.report;
    kvm_regs regs{};
    kvm_sregs special{};
    ioctl(fd_.get(), KVM_GET_REGS, &regs);
    ioctl(fd_.get(), KVM_GET_SREGS, &special);
    const std::uint64_t in_order[16] = {regs.rax, regs.rbx, regs.rcx, regs.rdx, regs.rsi, regs.rdi, regs.rbp, regs.rsp,
                                        regs.r8,  regs.r9,  regs.r10, regs.r11, regs.r12, regs.r13, regs.r14, regs.r15};
    std::copy(std::begin(in_order), std::end(in_order), report.general);
    report.rip = regs.rip;
    report.rflags = regs.rflags;
    report.fault_address = special.cr2;
    end.fs_base = special.fs.base;
    end.gs_base = special.gs.base;
}

}  // namespace hv::kvm
