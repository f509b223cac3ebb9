// SPDX-License-Identifier: Apache-2.0
// The part of a Platform that machines of hv have in common on both accelerators.
#include "kernel/platform/hv/hv_machine.h"

#include <algorithm>

#include "kernel/arch/x86_64/cpu.h"

namespace tenon {

HvMachine::HvMachine(const abi::StartInfo& start)
    : start_(start),
      clock_(io<const abi::ClockPage>(abi::io_zone::clock)),
      reserved_{start.image, start.stack_arena,
                abi::MemoryRange{start.io_zone.base, std::min(start.io_zone.size, abi::io_zone::buffers)},
                abi::MemoryRange{}} {}

std::string_view HvMachine::command_line() const {
    return {start_.command_line, std::min<std::size_t>(start_.command_line_size, sizeof(start_.command_line))};
}

MemoryMap HvMachine::memory_map() const {
    const abi::MemoryRange& zone = start_.io_zone;
    return {.ram = std::span(start_.ranges).first(start_.range_count),
            .reserved = reserved_,
            .dma_zone = {zone.base + abi::io_zone::buffers, zone.size - abi::io_zone::buffers},
            .ram_is_zero = true};
}

void HvMachine::early_console_write(std::string_view text) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, sizeof(abi::HypercallSlot::data));
        hypercall(abi::Call::console_write, {part.size()}, std::as_bytes(std::span(part)));
        text.remove_prefix(part.size());
    }
}

void HvMachine::ready() { hypercall(abi::Call::ready); }

void HvMachine::shut_down(abi::ShutdownReason reason, int exit_code) {
    hypercall(abi::Call::shutdown, {static_cast<std::uint64_t>(reason), static_cast<std::uint64_t>(exit_code) & 0xFF});
    for (;;) cpu_relax();
}

void HvMachine::crash(const abi::CrashReport& report) {
    hypercall(abi::Call::crash, {}, std::as_bytes(std::span(&report, 1)));
    for (;;) cpu_relax();
}

void HvMachine::boot_mark(abi::BootMark mark) {
    auto& page = io<abi::EventPage>(abi::io_zone::events);
    page.boot_marks[static_cast<std::size_t>(mark)].store(read_tsc(), std::memory_order_relaxed);
}

bool HvMachine::file_backed(const void* pages, std::size_t bytes) const {
    if (start_.file_backed_count == 0) return false;
    const std::uint64_t begin = to_integer(to_physical(pages));
    const std::span ranges(to_pointer<const abi::MemoryRange>(PhysicalAddress{start_.file_backed}),
                           start_.file_backed_count);
    return std::ranges::any_of(ranges, [=](const abi::MemoryRange& range) {
        return begin < range.base + range.size && range.base < begin + bytes;
    });
}

std::span<std::atomic<std::uint64_t>> HvMachine::memory_counters() {
    return io<abi::EventPage>(abi::io_zone::events).memory_counters;
}

std::uint64_t HvMachine::take_page_out_bytes() {
    return io<abi::EventPage>(abi::io_zone::events).page_out_bytes.exchange(0);
}

std::uint32_t HvMachine::take_control_requests() {
    return io<abi::EventPage>(abi::io_zone::events).control.exchange(0);
}

bool HvMachine::answer_watchdog() {
    constexpr std::uint32_t question = abi::control_request::sign_of_life;
    return (io<abi::EventPage>(abi::io_zone::events).control.fetch_and(~question) & ~question) != 0;
}

}  // namespace tenon
