// SPDX-License-Identifier: Apache-2.0
// Detecting hv, and ending a machine that has another hypervisor.
#include "kernel/platform/hvm/hypervisor.h"

#include <cstring>

#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/arch/x86_64/port_io.h"

namespace tenon::hvm {

namespace {
constinit HvOffer offer{};
}

const HvOffer* find_hv() {
    // Without a hypervisor the leaves below hold anything.
    if (!cpuid_bit::hypervisor.is_set_in(cpuid(cpuid_leaf::features))) return nullptr;
    const CpuidResult signature = cpuid(abi::cpuid_leaf);
    const std::uint32_t words[3] = {signature.ebx, signature.ecx, signature.edx};
    if (std::memcmp(words, abi::cpuid_signature, sizeof(words)) != 0 || signature.eax <= abi::cpuid_leaf)
        return nullptr;
    const CpuidResult values = cpuid(abi::cpuid_leaf + 1);
    offer = {values.eax, values.ebx};
    return &offer;
}

void signal_pvpanic() {
    constexpr std::uint16_t port = 0x505;
    constexpr std::uint8_t panicked = 1;
    const std::uint8_t events = in8(port);
    if (events != 0xFF && (events & panicked) != 0) out8(port, panicked);
}

void end_machine(std::uint16_t debug_port, std::uint8_t code) {
    if (debug_port != 0) out32(debug_port, code);
    constexpr std::uint16_t keyboard_controller = 0x64;
    constexpr std::uint8_t pulse_reset = 0xFE;
    out8(keyboard_controller, pulse_reset);
    // A triple fault: an exception without an IDT.
    const struct [[gnu::packed]] {
        std::uint16_t limit;
        std::uint64_t base;
    } nothing{0, 0};
    asm volatile("lidt %0; ud2" : : "m"(nothing) : "memory");
    __builtin_unreachable();
}

}  // namespace tenon::hvm
