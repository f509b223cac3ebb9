// SPDX-License-Identifier: Apache-2.0
// Reading CPUID and the TSC.
#include "cpu.h"

#include <cpuid.h>
#include <x86intrin.h>

#include <cstdint>
#include <cstring>

#include "measure.h"

namespace pvbench {

namespace {

/// The bytes of registers as a text, without spaces around it.
std::string text_of(const unsigned* registers, std::size_t count) {
    std::string text(count * sizeof(*registers), '\0');
    std::memcpy(text.data(), registers, text.size());
    text.resize(std::strlen(text.c_str()));
    const std::size_t begin = text.find_first_not_of(' ');
    return begin == text.npos ? "" : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::uint64_t tsc_at_main, ns_at_main;

}  // namespace

std::string cpu_brand() {
    constexpr unsigned first_leaf = 0x8000'0002, last_leaf = 0x8000'0004;
    unsigned registers[12] = {}, highest, b, c, d;
    __cpuid(0x8000'0000, highest, b, c, d);
    if (highest < last_leaf) return "unknown";
    for (unsigned leaf = first_leaf; leaf <= last_leaf; ++leaf) {
        unsigned* to = registers + (leaf - first_leaf) * 4;
        __cpuid(leaf, to[0], to[1], to[2], to[3]);
    }
    return text_of(registers, 12);
}

std::string hypervisor_signature() {
    constexpr unsigned hypervisor_bit = 1U << 31;
    unsigned a, words[3], features;
    __cpuid(1, a, words[0], features, words[2]);
    if ((features & hypervisor_bit) == 0) return "";
    __cpuid(0x4000'0000, a, words[0], words[1], words[2]);
    return text_of(words, 3);
}

std::expected<void, std::string> exits_of(const std::string& signature) {
    if (signature.empty()) return std::unexpected("the processor reports no hypervisor");
    if (signature == "TCGTCGTCGTCG") return std::unexpected("QEMU's TCG translates the guest: CPUID does not leave it");
    return {};
}

void note_main_tsc() {
    ns_at_main = now_ns();
    tsc_at_main = __rdtsc();
}

double tsc_ns_at_main() {
    constexpr std::uint64_t long_enough_ns = 20'000'000;
    while (now_ns() - ns_at_main < long_enough_ns) {
    }
    const double ticks = static_cast<double>(__rdtsc() - tsc_at_main), ns = static_cast<double>(now_ns() - ns_at_main);
    return static_cast<double>(tsc_at_main) * ns / ticks;
}

}  // namespace pvbench
