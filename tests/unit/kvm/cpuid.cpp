// SPDX-License-Identifier: Apache-2.0
// The CPUID leaves of a guest on kvm.
#include "hv/accel/kvm/cpuid.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <optional>
#include <string>

#include "hypercall/start_info.h"

using hv::kvm::CpuidOffer;
using hv::kvm::filter_cpuid;

namespace {

kvm_cpuid_entry2 all_ones(std::uint32_t function) {
    kvm_cpuid_entry2 entry{};
    entry.function = function;
    entry.eax = entry.ebx = entry.ecx = entry.edx = 0xFFFF'FFFF;
    return entry;
}

kvm_cpuid_entry2 find(const std::vector<kvm_cpuid_entry2>& list, std::uint32_t function) {
    std::optional<kvm_cpuid_entry2> found;
    for (const auto& entry : list) {
        if (entry.function != function) continue;
        REQUIRE_FALSE(found);
        found = entry;
    }
    REQUIRE(found);
    return *found;
}

constexpr CpuidOffer offer{.io_zone = 0x300'0000, .control_line = 23, .vcpu = 3, .tsc_deadline = true};

}  // namespace

TEST_CASE("CPUID: what hv does not offer is hidden, what its APIC has is shown") {
    const auto list = filter_cpuid({all_ones(1), all_ones(0xA), all_ones(0x8000'0001), all_ones(0x8000'000A)}, offer);
    const auto features = find(list, 1);
    CHECK((features.ecx & (1U << 5)) == 0);   // VMX
    CHECK((features.ecx & (1U << 3)) == 0);   // MONITOR
    CHECK((features.ecx & (1U << 21)) != 0);  // x2APIC
    CHECK((features.ecx & (1U << 24)) != 0);  // TSC deadline
    CHECK((features.ecx & (1U << 31)) != 0);  // hypervisor
    CHECK((features.ebx >> 24) == 3);
    CHECK((find(list, 0x8000'0001).ecx & 4) == 0);  // SVM
    const auto counters = find(list, 0xA);
    CHECK((counters.eax | counters.ebx | counters.ecx | counters.edx) == 0);
}

TEST_CASE("CPUID: no TSC deadline timer where KVM has none") {
    CpuidOffer without = offer;
    without.tsc_deadline = false;
    CHECK((find(filter_cpuid({all_ones(1)}, without), 1).ecx & (1U << 24)) == 0);
}

TEST_CASE("CPUID: hv's leaves replace whatever was there") {
    const auto list = filter_cpuid({all_ones(tenon::abi::cpuid_leaf), all_ones(tenon::abi::cpuid_leaf + 7)}, offer);
    CHECK(list.size() == 2);
    const auto signature = find(list, tenon::abi::cpuid_leaf);
    char text[13] = {};
    std::memcpy(text, &signature.ebx, 4);
    std::memcpy(text + 4, &signature.ecx, 4);
    std::memcpy(text + 8, &signature.edx, 4);
    CHECK(std::string(text) == tenon::abi::cpuid_signature);
    CHECK(signature.eax == tenon::abi::cpuid_leaf + 1);
    const auto values = find(list, tenon::abi::cpuid_leaf + 1);
    CHECK(values.eax == 0x300'0000);
    CHECK(values.ebx == 23);
}
