// SPDX-License-Identifier: Apache-2.0
// Starting other vCPUs, and reaching them by interrupts.
#include "kernel/platform/hvm/other_vcpus.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "kernel/acpi/processors.h"
#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/boot/boot.h"
#include "kernel/console/console.h"
#include "kernel/mm/heap.h"
#include "kernel/platform/hvm/event_timer.h"
#include "kernel/platform/hvm/local_apic.h"
#include "kernel/platform/hvm/machine.h"
#include "kernel/platform/hvm/processor.h"
#include "kernel/platform/hvm/tsc_agreement.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/panic.h"

extern "C" {
extern const char tenon_startup_code[], tenon_startup_code_end[];
extern std::uint64_t tenon_root_table[512], tenon_startup_root_table[512], tenon_early_pdpt[512];
extern const char tenon_other_vcpus_are_linked = 1;
/// For startup.S: of the vCPU that starts.
std::uint64_t tenon_startup_stack;
}

namespace tenon::hvm {

namespace {

/// Memory of one vCPU. The zero-page scan may run while a vCPU sleeps and is about to be interrupted: what it then
/// writes to is in the first page, which is not zero.
struct alignas(page_size) OwnMemory {
    abi::VcpuEvents events;
    DescriptorTables tables;
};
static_assert(offsetof(OwnMemory, tables) + offsetof(DescriptorTables, emergency_stack) <= page_size);

/// Of the local APICs; the first vCPU's comes first as soon as another is started.
constinit std::uint32_t ids[abi::max_vcpus] = {};
constinit std::uint32_t id_count = 0;
constinit abi::MemoryRange startup_page{};

constinit OwnMemory* starting_memory = nullptr;
constinit std::uint32_t starting_vcpu = 0;
constinit TscAgreement agreement{};

abi::MemoryRange find(const acpi::Tables& tables, const acpi::PhysicalMemory& memory,
                      std::span<const abi::MemoryRange> ram) {
    std::size_t count = acpi::read_processors(tables.madt, ids);
    if (count == 0) count = acpi::read_mp_table(memory, ids);
    // Messages to the others name them in 8 bits without x2APIC mode, where 255 means all.
    if (!has_x2apic())
        count = static_cast<std::size_t>(std::remove_if(ids, ids + count, [](auto id) { return id >= 255; }) - ids);
    id_count = static_cast<std::uint32_t>(count);
    constexpr std::uint64_t startup_limit = 0xA'0000;
    if (count > 1 && !ram.empty() && ram[0].base < startup_limit) startup_page = {ram[0].base, page_size};
    return startup_page;
}

std::uint32_t count() {
    if (id_count == 0) log("vCPUs: firmware lists none, so one is used");
    return startup_page.size != 0 ? id_count : 1;
}

/// Once.
void prepare() {
    std::iter_swap(ids, std::find(ids, ids + id_count - 1, interrupt_destination));
    std::memcpy(tenon_startup_root_table, tenon_root_table, sizeof(tenon_startup_root_table));
    tenon_startup_root_table[0] = to_integer(to_physical(tenon_early_pdpt)) | PAGE_PRESENT | PAGE_WRITABLE;
    std::memcpy(to_pointer<char>(PhysicalAddress{startup_page.base}), tenon_startup_code,
                static_cast<std::size_t>(tenon_startup_code_end - tenon_startup_code));
    interrupts::set_handler(
        abi::event::translations, [](void*) { write_cr3(read_cr3()); }, nullptr);
}

/// Section 8.4.4.1. The pauses that real processors of old need between the messages are left out.
void send_startup(std::uint32_t id) {
    const interrupts::Masked masked;
    const auto page = static_cast<std::uint32_t>(startup_page.base / page_size);
    send_interrupt_command(id, command::init | command::assert_level);
    send_interrupt_command(id, command::startup | command::assert_level | page);
    send_interrupt_command(id, command::startup | command::assert_level | page);
}

void start(std::uint32_t vcpu, void* stack_end) {
    if (vcpu == 1) prepare();
    void* memory = heap_allocate(sizeof(OwnMemory), alignof(OwnMemory));
    if (memory == nullptr) panic("no memory for vCPU %u (give the machine more)", vcpu);
    starting_memory = new (memory) OwnMemory{};
    starting_vcpu = vcpu;
    tenon_startup_stack = reinterpret_cast<std::uint64_t>(stack_end);
    send_startup(ids[vcpu]);
    agreement.compare();
}

extern "C" [[noreturn, gnu::used]] void tenon_hvm_enter_other() {
    enable_processor_features(tenon_xstate_mask);
    agreement.agree();
    prepare_cpu(starting_vcpu, starting_memory->events);
    start_other_processor(starting_memory->tables);
    enter_vcpu();
}

void notify(const Cpu& cpu) {
    // One that has masked interrupts looks for itself when it unmasks them, or before it halts.
    if (cpu.events->state.load() != abi::VcpuState::blocked && cpu.events->upcall_mask.load() != 0) return;
    constexpr auto vector = static_cast<std::uint32_t>(vector::first_interrupt) + abi::event::notification;
    send_interrupt_command(ids[cpu.index], command::fixed | command::assert_level | vector);
}

void forget_translations() {
    const std::uint32_t here = Cpu::current().index;
    for (std::uint32_t index = 0; index < Cpu::count.load(); ++index)
        if (index != here) interrupts::send(*Cpu::all[index], abi::event::translations);
}

/// 1 + the vCPU whose crash is reported.
constinit std::atomic<std::uint32_t> reporting = 0;
constinit std::atomic<const TrapFrame*> stopped_at[abi::max_vcpus] = {};

[[noreturn]] void stand_still() {
    for (;;) asm volatile("cli; hlt");
}

void stop_for_report() {
    std::uint32_t nobody = 0;
    const std::uint32_t here = Cpu::current().index;
    if (!reporting.compare_exchange_strong(nobody, here + 1)) {
        if (nobody == here + 1) return;
        // The other one's message arrives.
        for (;;) cpu_relax();
    }
    send_interrupt_command(0, command::nmi | command::assert_level | command::all_others);
    // A vCPU may have lost its processor; one that does not stop in this time is left out.
    constexpr Nanoseconds patience = 1'000'000'000;
    const Nanoseconds end = platform().read_clock() + patience;
    for (std::uint32_t index = 0; index < Cpu::count.load(); ++index)
        while (index != here && stopped_at[index].load() == nullptr && platform().read_clock() < end) cpu_relax();
}

void take_stop(const TrapFrame& frame) {
    if (reporting.load() == 0) return;
    stopped_at[Cpu::current().index].store(&frame);
    stand_still();
}

void write_report(WriteCrashText write) {
    for (std::uint32_t index = 0; index < Cpu::count.load(); ++index) {
        const TrapFrame* frame = stopped_at[index].load();
        if (frame == nullptr) continue;
        const char digits[] = {static_cast<char>('0' + index / 10), static_cast<char>('0' + index % 10)};
        write(" vCPU ");
        write({digits, sizeof(digits)});
        write_hex(write, " rip ", frame->rip);
        write_hex(write, " flags ", frame->rflags);
        write("\n");
        write_general_registers(write, frame->general);
        write("\n");
    }
}

}  // namespace

extern "C" constinit const OtherVcpus tenon_other_vcpus{.find = find,
                                                        .count = count,
                                                        .start = start,
                                                        .notify = notify,
                                                        .let_lock_holder_run = halt_briefly,
                                                        .forget_translations = forget_translations,
                                                        .stop_for_report = stop_for_report,
                                                        .write_report = write_report,
                                                        .take_stop = take_stop};

}  // namespace tenon::hvm
