// SPDX-License-Identifier: Apache-2.0
// The local APIC, by MSRs where it has x2APIC mode (SDM volume 3, 10.12), else by registers in memory.
#include "kernel/platform/hvm/local_apic.h"

#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/platform/hvm/descriptor_tables.h"
#include "kernel/platform/hvm/processor.h"

/// For trap_entry.S: address of the EOI register, or 0 where it is an MSR.
extern "C" {
std::uint64_t tenon_apic_eoi_register = 0;
}

namespace tenon::hvm {

namespace {

enum class ApicRegister : std::uint32_t {
    id = 0x020,
    task_priority = 0x080,
    end_of_interrupt = 0x0B0,
    spurious = 0x0F0,
    command = 0x300,
    command_destination = 0x310,
    timer_entry = 0x320,
    line0_entry = 0x350,
    line1_entry = 0x360,
    initial_count = 0x380,
    current_count = 0x390,
    divide = 0x3E0,
};

constinit bool in_x2apic_mode = false;

volatile std::uint32_t* in_memory(ApicRegister number) {
    return to_pointer<volatile std::uint32_t>(
        PhysicalAddress{to_integer(local_apic_address) + static_cast<std::uint32_t>(number)});
}
constexpr std::uint32_t as_msr(ApicRegister number) {
    return MSR_X2APIC_BASE + static_cast<std::uint32_t>(number) / 16;
}

void write(ApicRegister number, std::uint32_t value) {
    if (in_x2apic_mode)
        write_msr(as_msr(number), value);
    else
        *in_memory(number) = value;
}
std::uint32_t read(ApicRegister number) {
    return in_x2apic_mode ? static_cast<std::uint32_t>(read_msr(as_msr(number))) : *in_memory(number);
}

constexpr std::uint32_t entry_masked = 1 << 16, entry_tsc_deadline = 2 << 17;
constexpr std::uint32_t divide_by_16 = 0b0011;

}  // namespace

void enable_local_apic() {
    in_x2apic_mode = has_x2apic();
    const std::uint64_t mode = APIC_BASE_GLOBAL_ENABLE | (in_x2apic_mode ? APIC_BASE_X2APIC_ENABLE : 0);
    write_msr(MSR_IA32_APIC_BASE, read_msr(MSR_IA32_APIC_BASE) | mode);
    if (!in_x2apic_mode)
        tenon_apic_eoi_register = reinterpret_cast<std::uint64_t>(in_memory(ApicRegister::end_of_interrupt));
    write(ApicRegister::task_priority, 0);
    write(ApicRegister::line0_entry, entry_masked);
    write(ApicRegister::line1_entry, entry_masked);
    write(ApicRegister::timer_entry, entry_masked);
    constexpr std::uint32_t software_enable = 1 << 8;
    write(ApicRegister::spurious, software_enable | spurious_vector);
}

std::uint32_t local_apic_id() {
    const std::uint32_t id = read(ApicRegister::id);
    constexpr unsigned xapic_id_shift = 24;
    return in_x2apic_mode ? id : id >> xapic_id_shift;
}

void send_interrupt_command(std::uint32_t destination_id, std::uint32_t command) {
    constexpr unsigned xapic_destination_shift = 24, x2apic_destination_shift = 32;
    // In x2APIC mode the write does not wait for earlier stores (section 10.12.3), which the receiver looks at.
    asm volatile("mfence" ::: "memory");
    if (in_x2apic_mode) {
        write_msr(as_msr(ApicRegister::command), std::uint64_t{destination_id} << x2apic_destination_shift | command);
        return;
    }
    write(ApicRegister::command_destination, destination_id << xapic_destination_shift);
    write(ApicRegister::command, command);
}

void start_apic_timer(std::uint8_t vector, std::uint32_t count) {
    write(ApicRegister::divide, divide_by_16);
    write(ApicRegister::timer_entry, vector);
    write(ApicRegister::initial_count, count);
}

std::uint32_t apic_timer_count() { return read(ApicRegister::current_count); }

void use_tsc_deadline(std::uint8_t vector) {
    write(ApicRegister::timer_entry, entry_tsc_deadline | vector);
    // Section 10.5.4.1: the write to memory must be complete before the MSR is written.
    asm volatile("mfence" ::: "memory");
}

}  // namespace tenon::hvm
