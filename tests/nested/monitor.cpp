// SPDX-License-Identifier: Apache-2.0
// A KVM hypervisor without Tenon's ABI, for the nested machine: a processor as KVM offers it, KVM's own CPUID
// leaves included, RAM, a serial port, and PVH. No clock chip: a guest can learn the time from KVM alone.
//
//   kvm_monitor IMAGE COMMAND_LINE [LINES MILLISECONDS]
//
// The guest's serial port is standard output. After so many lines the machine is paused for so long, in the way of
// QEMU: its clock is put back to where it stood, and the guest is told. A reset ends it.
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "hv/accel/kvm/cpuid_bits.h"
#include "hv/accel/kvm/guest_ram.h"
#include "hv/accel/kvm/ports.h"
#include "hv/accel/kvm/registers.h"
#include "hv/accel/kvm/uart.h"
#include "hv/accel/kvm/vcpu.h"
#include "hv/accel/kvm/virtual_machine.h"
#include "hypercall/pvh.h"

namespace {

using namespace hv;
using tenon::abi::pvh::HvmStartInfo, tenon::abi::pvh::MemoryMapEntry;

constexpr std::uint64_t memory_bytes = 64 << 20;

struct Pause {
    unsigned after_lines = 0;
    timespec length{};
};

/// PVH's record, its memory map and the command line, in a page that the guest copies before it uses it.
void write_start_info(std::span<std::byte> page, std::uint64_t address, const MemoryLayout& layout,
                      const std::string& line) {
    auto* record = new (page.data()) HvmStartInfo{};
    auto* map = new (record + 1)
        MemoryMapEntry{layout.ranges[0].base, layout.ranges[0].size, tenon::abi::pvh::MemoryType::ram, 0};
    record->magic = tenon::abi::pvh::start_info_magic;
    record->version = 1;
    record->memory_map = address + sizeof *record;
    record->memory_map_count = 1;
    record->command_line = record->memory_map + sizeof *map;
    line.copy(reinterpret_cast<char*>(map + 1), page.size() - sizeof *record - sizeof *map - 1);
}

Result<> pause_machine(int machine, int vcpu, const timespec& length) {
    kvm_clock_data clock{};
    CHECK(kvm::kvm_call(machine, KVM_GET_CLOCK, &clock, "get the clock"));
    nanosleep(&length, nullptr);
    kvm_clock_data set{};
    set.clock = clock.clock;
    CHECK(kvm::kvm_call(machine, KVM_SET_CLOCK, &set, "set the clock"));
    CHECK(kvm::kvm_call(vcpu, KVM_KVMCLOCK_CTRL, 0UL, "tell of a pause"));
    return {};
}

/// Until the guest resets its machine.
Result<int> serve(int machine, kvm::Vcpu& vcpu, const Pause& pause) {
    unsigned lines = 0;
    bool pause_now = false;
    kvm::Uart uart({.put =
                        [&](char c) {
                            std::putchar(c);
                            if (c != '\n') return;
                            std::fflush(stdout);
                            pause_now = ++lines == pause.after_lines;
                        },
                    .interrupt = [] {}});
    for (;;) {
        if (const int error = vcpu.run(); error != 0)
            return fail(ErrorKind::internal, "KVM_RUN: " + std::to_string(error));
        kvm_run& record = vcpu.record();
        if (record.exit_reason == KVM_EXIT_MMIO) {
            std::fill_n(record.mmio.data, record.mmio.len, 0xFF);
            continue;
        }
        if (record.exit_reason != KVM_EXIT_IO)
            return fail(ErrorKind::internal, "exit for the reason " + std::to_string(record.exit_reason));
        auto* data = reinterpret_cast<std::uint8_t*>(&record) + record.io.data_offset;
        const auto offset = static_cast<std::uint16_t>(record.io.port - kvm::Uart::base_port);
        const bool out = record.io.direction == KVM_EXIT_IO_OUT;
        if (out && record.io.port == kvm::keyboard_controller && *data == kvm::pulse_reset) return 0;
        if (offset >= kvm::Uart::port_count) {
            if (!out) std::fill_n(data, record.io.size, 0xFF);
            continue;
        }
        if (out)
            uart.write(offset, *data);
        else
            *data = uart.read(offset);
        if (std::exchange(pause_now, false)) CHECK(pause_machine(machine, vcpu.fd(), pause.length));
    }
}

Result<int> run(const char* path, const std::string& line, const Pause& pause) {
    char store[] = "/tmp/kvm_monitor.XXXXXX";
    if (mkdtemp(store) == nullptr) return fail(ErrorKind::internal, "no directory for the image's copy");
    TRY(const Image image, Image::open(path, store));
    TRY(const MemoryLayout layout, plan_memory(memory_bytes, image));
    TRY(const kvm::GuestRam ram, kvm::GuestRam::create(layout, image));
    TRY(const kvm::KvmDevice device, kvm::KvmDevice::open());
    TRY(const FileDescriptor machine, device.create_vm());
    CHECK(kvm::kvm_call(machine.get(), KVM_SET_TSS_ADDR, kvm::task_state_pages, "task state pages"));
    CHECK(kvm::kvm_call(machine.get(), KVM_CREATE_IRQCHIP, 0UL, "interrupt controllers"));
    const std::span<std::byte> memory = ram.at(layout.ranges[0]);
    kvm_userspace_memory_region region{};
    region.guest_phys_addr = layout.ranges[0].base;
    region.memory_size = memory.size();
    region.userspace_addr = reinterpret_cast<std::uint64_t>(memory.data());
    CHECK(kvm::kvm_call(machine.get(), KVM_SET_USER_MEMORY_REGION, &region, "memory slot"));
    const std::uint64_t page = layout.io_zone.base;
    write_start_info(ram.at({page, tenon::abi::page_size}), page, layout, line);

    TRY(const int fd, kvm::kvm_call(machine.get(), KVM_CREATE_VCPU, 0UL, "vCPU"));
    TRY(const std::size_t run_size, device.run_size());
    TRY(kvm::Vcpu vcpu, kvm::Vcpu::create(FileDescriptor(fd), run_size));
    TRY(auto leaves, device.supported_cpuid());
    for (kvm_cpuid_entry2& leaf : leaves)
        if (leaf.function == kvm::cpuid::features::leaf) leaf.ecx |= kvm::cpuid::features::ecx_hypervisor;
    CHECK(vcpu.set_cpuid(leaves));
    CHECK(vcpu.set_xstate_components(kvm::xcr0::x87 | kvm::xcr0::sse | kvm::xcr0::avx));
    // So that the test can compare clocks at the same TSC.
    CHECK(vcpu.use_host_tsc());
    CHECK(vcpu.set_pvh_entry(*image.layout().pvh_entry, static_cast<std::uint32_t>(page)));
    return serve(machine.get(), vcpu, pause);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 5) return std::fprintf(stderr, "kvm_monitor IMAGE COMMAND_LINE [LINES MILLISECONDS]\n"), 2;
    Pause pause;
    if (argc == 5) {
        const long ms = std::atol(argv[4]);
        pause = {static_cast<unsigned>(std::atoi(argv[3])), {ms / 1000, ms % 1000 * 1'000'000}};
    }
    const auto code = run(argv[1], argv[2], pause);
    if (code) return *code;
    std::fprintf(stderr, "kvm_monitor: %s\n", code.error().message.c_str());
    return 1;
}
