// SPDX-License-Identifier: Apache-2.0
// Allowed actions, taken to the extreme: hv, the host and the guest itself have to survive them.
#include <asm/unistd_64.h>
#include <errno.h>
#include <linux/futex.h>
#include <linux/mman.h>

#include <initializer_list>

#include "tests/escape/guest/guest.h"

namespace escape {

alignas(4096) std::uint8_t escape_data_page[4096] = {1};

namespace {

using tenon::abi::guest_base;
using Addresses = std::initializer_list<std::uint64_t>;

constexpr std::uint32_t no_device = 0xFFFF'FFFF;

/// A doorbell of a device; no_device if the machine has none.
std::uint32_t device_doorbell() {
    const auto& page = zone_at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices);
    return page.devices[0].device_id == 0 || page.devices[0].queue_count == 0 ? no_device : page.devices[0].doorbell[0];
}

bool readable(std::uint64_t address) {
    return escape_guarded([](void* at) { (void)*static_cast<volatile const std::uint8_t*>(at); },
                          reinterpret_cast<void*>(address)) == 0;
}

/// One address in each GiB, below and above the guest: only the guest and the stub are there.
void scan_addresses() {
    constexpr std::uint64_t step = 1ULL << 30, user_end = 1ULL << 47, kernel_begin = 0xffff'8000'0000'0000;
    std::uint64_t found = 0;
    for (std::uint64_t address = 0; address < user_end; address += step) {
        const bool own =
            (address >= guest_base && address < guest_base + start_info().ranges[0].size) || address == stub;
        if (!own && readable(address)) ++found;
    }
    for (std::uint64_t i = 0; i < 4096; ++i)
        if (readable(kernel_begin + i * 32 * step)) ++found;
    for (const std::uint64_t address :
         Addresses{0x400000, 0x10000, 0x5555'5555'4000, 0x7fff'f7ff'0000, 0x7fff'ffff'e000})
        if (readable(address)) ++found;
    // The stub has one page of code and one of its filter, and no other.
    for (std::uint64_t address = stub - (1 << 20); address < stub + (4 << 20); address += 4096)
        if (address != stub && address != stub + 0x100000 && readable(address)) ++found;
    require(found == 0, "something else is mapped");
}

void saturate_doorbell() {
    const std::uint32_t doorbell = device_doorbell();
    if (doorbell == no_device) return;
    ring(doorbell, ~0ULL - 1);
    require(ring(doorbell) == -EAGAIN, "a full doorbell does not refuse");
    require(ring(doorbell, ~0ULL) == -EINVAL, "a doorbell takes 2^64 - 1");
}

void storm_doorbells() {
    const std::uint32_t device = device_doorbell();
    for (int i = 0; i < 200'000; ++i) {
        ring(start_info().hypercall_doorbell);
        if (device != no_device) ring(device);
    }
}

void pass_kernel_pointers() {
    for (const std::uint64_t address : Addresses{kernel_text, 0xffff'8880'0000'0000, 0x8000'0000'0000'0000, 8}) {
        require(system_call(__NR_write, start_info().hypercall_doorbell, address, 8) == -EFAULT,
                "write from a kernel address");
        require(system_call(__NR_timer_settime, 0, 0, address, 0) == -EFAULT, "timer from a kernel address");
    }
    std::uint64_t setting[4] = {};
    require(system_call(__NR_timer_settime, 0, 0, setting, kernel_text) == -EFAULT, "timer to a kernel address");
}

void change_protection() {
    const auto data = reinterpret_cast<std::uint64_t>(&escape_data_page);
    const auto text = reinterpret_cast<std::uint64_t>(&escape_some_code);
    const auto run = [](void*) { escape_some_code(); };
    require(system_call(__NR_mprotect, data, 4096, PROT_NONE) == 0, "a guard page is refused");
    require(!readable(data), "a guard page is readable");
    require(system_call(__NR_mprotect, data, 4096, PROT_READ | PROT_WRITE) == 0, "a guard page does not come back");
    require(escape_guarded(run, nullptr) == 0, "own code does not run");
    // A page that was made writable is not executable any more, and cannot become so again.
    require(system_call(__NR_mprotect, text, 4096, PROT_READ | PROT_WRITE) == 0, "code cannot be given up");
    *reinterpret_cast<volatile std::uint8_t*>(text) = 0xC3;
    require(escape_guarded(run, nullptr) != 0, "code that was written runs");
    require(system_call(__NR_mprotect, text, 4096, PROT_READ) == 0, "protection");
    require(escape_guarded(run, nullptr) != 0, "readable memory runs");
    // hv's pages are from a descriptor that was open for reading only.
    const auto info = reinterpret_cast<std::uint64_t>(&start_info());
    require(system_call(__NR_mprotect, info, 4096, PROT_READ | PROT_WRITE) == -EACCES, "hv's page became writable");
    const std::uint64_t last = guest_base + start_info().io_zone.base + start_info().io_zone.size - 4096;
    require(system_call(__NR_mprotect, last, stub + 4096 - last, PROT_READ | PROT_WRITE) < 0,
            "protection beyond the guest");
    require(escape_guarded([](void*) { *reinterpret_cast<volatile std::uint8_t*>(stub) = 1; }, nullptr) != 0,
            "the stub became writable");
    require(system_call(__NR_mprotect, stub - 4096, 4096, PROT_READ) < 0, "protection next to the stub");
}

void drop_memory() {
    const auto data = reinterpret_cast<std::uint64_t>(&escape_data_page);
    auto* heap = reinterpret_cast<volatile std::uint64_t*>(guest_base + (8ULL << 20));
    *heap = 5;
    require(system_call(__NR_madvise, heap, 4096, MADV_DONTNEED) == 0, "dropping");
    require(*heap == 0, "a dropped page is not zero");
    const auto magic = start_info().magic;
    system_call(__NR_madvise, &start_info(), 16 * 4096, MADV_DONTNEED);
    require(start_info().magic == magic, "dropping destroyed hv's page");
    system_call(__NR_madvise, guest_base + tenon::abi::image_base, 4096, MADV_DONTNEED);
    system_call(__NR_madvise, reinterpret_cast<std::uint64_t>(&escape_some_code), 4096, MADV_DONTNEED);
    escape_some_code();
    // The range covers all memory up to the stub and beyond: holes make the call fail, and the stub, a file's mapping,
    // stays unchanged.
    system_call(__NR_madvise, data, 4096, MADV_PAGEOUT);
    system_call(__NR_madvise, guest_base + (16ULL << 20), stub, MADV_PAGEOUT);
}

/// Random bytes on all pages that hv reads.
void write_nonsense() {
    auto* bytes = reinterpret_cast<volatile std::uint64_t*>(&events());
    for (int round = 0; round < 50; ++round) {
        for (std::uint64_t i = 0; i < tenon::abi::page_size / 8; ++i) bytes[i] = random_word();
        // Other vCPUs do not exist: calls in their slots are ignored.
        for (std::uint32_t vcpu = 1; vcpu < tenon::abi::max_vcpus; ++vcpu) {
            auto& other = (&slot())[vcpu];
            other.number = tenon::abi::Call::shutdown;
            other.arguments[0] = 0;
            other.arguments[1] = 99;
            other.state.store(tenon::abi::SlotState::submitted);
        }
        slot().number = tenon::abi::Call::ready;
        hypercall();
    }
}

void random_hypercalls() {
    for (int round = 0; round < 20'000; ++round) {
        auto& call = slot();
        std::uint64_t number = random_word() % 12;
        if (number == 2 || number == 3 || number == 1) number = random_word();  // not the end, and no noise
        if (number == 2 || number == 3 || number == 1) continue;
        call.number = static_cast<tenon::abi::Call>(number);
        for (auto& argument : call.arguments) {
            argument = random_word();
            if (random_word() % 2 != 0) argument %= 8;
        }
        for (std::size_t i = 0; i < 256; i += 8) {
            const std::uint64_t word = random_word();
            __builtin_memcpy(call.data + i, &word, 8);
        }
        hypercall();
    }
}

/// Each of them would be a line in a log that all machines share.
void repeat_ready() {
    for (int i = 0; i < 20'000; ++i) {
        slot().number = tenon::abi::Call::ready;
        hypercall();
    }
}

/// sgdt and its like are answered with made-up values, or trap.
void descriptor_tables() {
    std::uint8_t table[10] = {};
    asm volatile("sgdt %0" : "=m"(table));
    std::uint64_t base;
    __builtin_memcpy(&base, table + 2, sizeof base);
    print("gdt at ");
    print_number(base);
    print("\n");
}

void io_privilege() {
    std::uint64_t flags;
    asm volatile("pushfq\n\torq $0x3000, (%%rsp)\n\tpopfq\n\tpushfq\n\tpop %0" : "=r"(flags) : : "memory", "cc");
    require((flags & 0x3000) == 0, "IOPL stuck");
}

void trap_for_ever() {
    for (;;) escape_guarded([](void*) { asm volatile("ud2"); }, nullptr);
}

void sleep_for_ever() {
    print("asleep\n");
    for (;;) system_call(__NR_futex, &events(), FUTEX_WAIT, 0, 0, 0, 0);
}

/// The words of its own I/O zone, on which another machine may sleep in its own.
void wake_zone_words() {
    constexpr std::uint64_t step = 8, most = 0x7FFF'FFFF;
    for (std::uint64_t at = tenon::abi::io_zone::events; at < tenon::abi::io_zone::buffers; at += step)
        require(system_call(__NR_futex, &zone_at<std::uint32_t>(at), FUTEX_WAKE, most, 0, 0, 0) == 0,
                "somebody else is woken");
}

}  // namespace

const Case state_cases[] = {
    {"scan_addresses", Expect::harmless, scan_addresses},
    {"saturate_doorbell", Expect::harmless, saturate_doorbell},
    {"storm_doorbells", Expect::harmless, storm_doorbells},
    {"pass_kernel_pointers", Expect::harmless, pass_kernel_pointers},
    {"change_protection", Expect::harmless, change_protection},
    {"drop_memory", Expect::harmless, drop_memory},
    {"write_nonsense", Expect::harmless, write_nonsense},
    {"random_hypercalls", Expect::harmless, random_hypercalls},
    {"repeat_ready", Expect::harmless, repeat_ready},
    {"io_privilege", Expect::harmless, io_privilege},
    {"descriptor_tables", Expect::either, descriptor_tables},
    {"cpuid", Expect::either, [] { asm volatile("cpuid"
                                                :
                                                : "a"(0), "c"(0)
                                                : "rbx", "rdx", "memory"); }},
    {"trap_in_handler", Expect::dies,
     [] {
         trap_in_handler = true;
         asm volatile("hlt");
     }},
    {"spin", Expect::endless,
     [] {
         print("spinning\n");
         for (;;) asm volatile("pause");
     }},
    {"trap_for_ever", Expect::endless,
     [] {
         print("trapping\n");
         trap_for_ever();
     }},
    {"wake_zone_words", Expect::harmless, wake_zone_words},
    {"sleep_for_ever", Expect::endless, sleep_for_ever},
    {nullptr, Expect::harmless, nullptr},
};

}  // namespace escape
