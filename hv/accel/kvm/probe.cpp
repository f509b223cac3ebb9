// SPDX-License-Identifier: Apache-2.0
// A loop of two instructions in 64-bit ring 0, in a machine of 20 KiB that is thrown away.
#include "hv/accel/kvm/probe.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

#include "hv/accel/kvm/kvm_device.h"
#include "hv/accel/kvm/registers.h"
#include "hv/accel/kvm/vcpu.h"
#include "hv/core/host_clock.h"

namespace hv {

namespace {

using kvm::kvm_call;

/// The layout of the probe's memory: guest-physical addresses.
enum Place : std::uint64_t {
    root_table = 0x1000,
    second_table = 0x2000,
    third_table = 0x3000,
    code = 0x4000,
    memory_size = 0x5000
};

// loop: dec rcx; jnz loop; hlt; jmp loop
constexpr std::array<std::uint8_t, 8> program = {0x48, 0xFF, 0xC9, 0x75, 0xFB, 0xF4, 0xEB, 0xF8};

struct Unmap {
    void operator()(void* memory) const { munmap(memory, memory_size); }
};
using Memory = std::unique_ptr<void, Unmap>;

Result<Memory> make_memory() {
    void* memory = mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return fail(ErrorKind::no_memory, "no memory for the probe of /dev/kvm");
    const auto put = [memory](std::uint64_t place, std::uint64_t entry) {
        *reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(memory) + place) = entry;
    };
    constexpr std::uint64_t usable = kvm::page_entry::present | kvm::page_entry::writable;
    put(root_table, second_table | usable);
    put(second_table, third_table | usable);
    put(third_table, usable | kvm::page_entry::page_size);
    std::ranges::copy(program, static_cast<std::uint8_t*>(memory) + code);
    return Memory(memory);
}

Result<> enter_long_mode(int vcpu) {
    kvm_sregs special{};
    CHECK(kvm_call(vcpu, KVM_GET_SREGS, &special, "get special registers"));
    special.cs = kvm::long_code_segment(kvm::selector(1));
    special.ds = special.es = special.ss = special.fs = special.gs = kvm::flat_data_segment(kvm::selector(2));
    special.cr0 = kvm::cr0::pg | kvm::cr0::et | kvm::cr0::pe;
    special.cr3 = root_table;
    special.cr4 = kvm::cr4::pae;
    special.efer = kvm::ia32_efer::lme | kvm::ia32_efer::lma;
    CHECK(kvm_call(vcpu, KVM_SET_SREGS, &special, "set special registers"));
    return {};
}

Result<std::uint64_t> time_loop(kvm::Vcpu& vcpu, std::uint64_t iterations) {
    kvm_regs registers{};
    registers.rip = code;
    registers.rflags = kvm::rflags_reserved_one;
    registers.rcx = iterations;
    CHECK(kvm_call(vcpu.fd(), KVM_SET_REGS, &registers, "set registers"));
    const std::uint64_t start = host_monotonic_ns();
    int error = vcpu.run();
    while (error == -EINTR) error = vcpu.run();
    const std::uint64_t elapsed = host_monotonic_ns() - start;
    if (error != 0 || vcpu.record().exit_reason != KVM_EXIT_HLT)
        return fail(ErrorKind::host_lacks,
                    fmt::format("/dev/kvm does not run a loop in ring 0 (exit {})", vcpu.record().exit_reason));
    return elapsed;
}

}  // namespace

Result<KvmSpeed> probe_kvm() {
    TRY(const kvm::KvmDevice device, kvm::KvmDevice::open());
    TRY(const FileDescriptor machine, device.create_vm());
    TRY(const Memory memory, make_memory());
    kvm_userspace_memory_region region{};
    region.memory_size = memory_size;
    region.userspace_addr = reinterpret_cast<std::uint64_t>(memory.get());
    CHECK(kvm_call(machine.get(), KVM_SET_USER_MEMORY_REGION, &region, "memory slot"));
    TRY(const int fd, kvm_call(machine.get(), KVM_CREATE_VCPU, 0UL, "vCPU"));
    FileDescriptor owned(fd);
    TRY(const std::size_t run_size, device.run_size());
    TRY(kvm::Vcpu vcpu, kvm::Vcpu::create(std::move(owned), run_size));
    CHECK(enter_long_mode(vcpu.fd()));

    return judge_speed([&vcpu](std::uint64_t iterations) { return time_loop(vcpu, iterations); });
}

}  // namespace hv
