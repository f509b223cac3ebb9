// SPDX-License-Identifier: Apache-2.0
// Instructions and addresses that are not the guest's.
#include "tests/escape/guest/guest.h"

namespace escape {

extern "C" std::uint64_t words_for_tables[2];
std::uint64_t words_for_tables[2] = {};

namespace {

void read_at(std::uint64_t address) { (void)*reinterpret_cast<volatile const std::uint8_t*>(address); }
void write_at(std::uint64_t address) { *reinterpret_cast<volatile std::uint8_t*>(address) = 1; }
void run_at(std::uint64_t address) { asm volatile("call *%0" : : "r"(address) : "memory"); }

std::uint64_t zone(std::uint64_t offset) { return reinterpret_cast<std::uint64_t>(&start_info()) + offset; }

/// 32-bit mode could only run code below 4 GiB, and there is none. lretq pops RIP and CS.
void compatibility_mode() { asm volatile("push $0x23\n\tpush $0x10000\n\tlretq" : : : "memory"); }

void kernel_selector() {
    asm volatile(
        "mov %%ss, %%rax\n\tpush %%rax\n\tpush %%rsp\n\tpushfq\n\tpush $0x10\n\tlea 1f(%%rip), %%rax\n\tpush "
        "%%rax\n\tiretq\n1:"
        :
        :
        : "rax", "memory");
}

/// Through iretq with IOPL 3 in the flags: if they stuck, cli would work.
void io_privilege_by_iret() {
    asm volatile(
        "mov %%rsp, %%rcx\n\t"
        "mov %%ss, %%rax\n\tpush %%rax\n\t"
        "push %%rcx\n\t"
        "pushfq\n\torq $0x3000, (%%rsp)\n\t"
        "mov %%cs, %%rax\n\tpush %%rax\n\t"
        "lea 1f(%%rip), %%rax\n\tpush %%rax\n\t"
        "iretq\n1:\n\tcli"
        :
        :
        : "rax", "rcx", "memory");
}

void io_privilege_by_popf() { asm volatile("pushfq\n\torq $0x3000, (%%rsp)\n\tpopfq\n\tcli" : : : "memory", "cc"); }

void without_a_stack() { asm volatile("xor %%esp, %%esp\n\thlt" : : : "memory"); }

void copy_and_run(std::uint8_t* target) {
    target[0] = 0xC3;  // ret
    run_at(reinterpret_cast<std::uint64_t>(target));
}

}  // namespace

#define TRAP(name, ...)                         \
    {                                           \
        name, Expect::trap, [] { __VA_ARGS__; } \
    }
#define TRAP_INSTRUCTION(name, text)                                                         \
    {                                                                                        \
        name, Expect::trap, [] { asm volatile(text : : "a"(0), "c"(0), "d"(0) : "memory"); } \
    }

const Case fault_cases[] = {
    TRAP_INSTRUCTION("hlt", "hlt"),
    TRAP_INSTRUCTION("cli", "cli"),
    TRAP_INSTRUCTION("sti", "sti"),
    TRAP_INSTRUCTION("in", "inb $0x40, %%al"),
    TRAP_INSTRUCTION("out", "outb %%al, $0x80"),
    TRAP_INSTRUCTION("lgdt", "lgdt words_for_tables(%%rip)"),
    TRAP_INSTRUCTION("lidt", "lidt words_for_tables(%%rip)"),
    TRAP_INSTRUCTION("lldt", "lldt %%ax"),
    TRAP_INSTRUCTION("ltr", "ltr %%ax"),
    TRAP_INSTRUCTION("mov_cr0", "mov %%rax, %%cr0"),
    TRAP_INSTRUCTION("read_cr3", "mov %%cr3, %%rax"),
    TRAP_INSTRUCTION("mov_cr4", "mov %%rax, %%cr4"),
    TRAP_INSTRUCTION("mov_dr7", "mov %%rax, %%dr7"),
    TRAP_INSTRUCTION("rdmsr", "rdmsr"),
    TRAP_INSTRUCTION("wrmsr", "wrmsr"),
    TRAP_INSTRUCTION("invlpg", "invlpg (%%rax)"),
    TRAP_INSTRUCTION("swapgs", "swapgs"),
    TRAP_INSTRUCTION("wbinvd", "wbinvd"),
    TRAP_INSTRUCTION("clts", "clts"),
    TRAP_INSTRUCTION("sysret", "sysretq"),
    TRAP_INSTRUCTION("xsetbv", "xsetbv"),
    TRAP_INSTRUCTION("vmlaunch", ".byte 0x0f, 0x01, 0xc2"),
    TRAP_INSTRUCTION("vmrun", ".byte 0x0f, 0x01, 0xd8"),
    TRAP_INSTRUCTION("int3", "int3"),
    TRAP_INSTRUCTION("int_0x81", "int $0x81"),
    TRAP_INSTRUCTION("ud2", "ud2"),
    TRAP("iret_to_kernel_selector", kernel_selector()),
    TRAP("io_privilege_by_iret", io_privilege_by_iret()),
    TRAP("io_privilege_by_popf", io_privilege_by_popf()),
    TRAP("compatibility_mode", compatibility_mode()),
    {"sysenter", Expect::blocked, [] { asm volatile("sysenter"
                                                    :
                                                    : "a"(1)
                                                    : "memory", "rcx", "rdx"); }},

    TRAP("read_null", read_at(0)),
    TRAP("read_guest_page_0", read_at(tenon::abi::guest_base)),
    TRAP("read_below_the_guest", read_at(tenon::abi::guest_base - 4096)),
    TRAP("read_kernel", read_at(kernel_text)),
    TRAP("read_direct_map", read_at(0xffff'8880'0000'0000)),
    TRAP("read_vsyscall", read_at(0xffff'ffff'ff60'0000)),
    TRAP("read_not_canonical", read_at(0x8000'0000'0000'0000)),
    TRAP("read_stack_guard", read_at(tenon::abi::guest_base + start_info().stack_arena.base)),
    TRAP("read_beyond_ram", read_at(zone(start_info().io_zone.size))),
    TRAP("write_start_info", write_at(zone(0))),
    TRAP("write_clock", write_at(zone(tenon::abi::io_zone::clock))),
    TRAP("write_device_page", write_at(zone(tenon::abi::io_zone::devices))),
    TRAP("write_text", write_at(reinterpret_cast<std::uint64_t>(&escape_some_code))),
    TRAP("write_constants", write_at(tenon::abi::guest_base + tenon::abi::image_base)),
    TRAP("write_stub", write_at(stub)),
    TRAP("write_stub_state", write_at(stub + 0x100000)),
    TRAP("run_data", copy_and_run(escape_data_page)),
    TRAP("run_io_memory", copy_and_run(&zone_at<std::uint8_t>(tenon::abi::io_zone::buffers))),
    TRAP("run_heap", copy_and_run(reinterpret_cast<std::uint8_t*>(tenon::abi::guest_base + (8ULL << 20)))),
    TRAP("run_stack", std::uint8_t here[16]; copy_and_run(here)),
    TRAP("run_start_info", run_at(zone(0))),
    TRAP("fault_without_a_stack", without_a_stack()),
    {nullptr, Expect::harmless, nullptr},
};

}  // namespace escape
