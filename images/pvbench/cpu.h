// SPDX-License-Identifier: Apache-2.0
// What the processor says of itself and of the hypervisor, by CPUID.
#pragma once

#include <expected>
#include <string>

namespace pvbench {

[[nodiscard]] std::string cpu_brand();
/// The signature of leaf 0x40000000 ("KVMKVMKVM"), or an empty text if the processor reports no hypervisor.
[[nodiscard]] std::string hypervisor_signature();
/// Whether CPUID leaves a guest of the hypervisor with this signature; the reason why not.
[[nodiscard]] std::expected<void, std::string> exits_of(const std::string& signature);

/// The TSC at note_main().
void note_main_tsc();
/// Nanoseconds from TSC value 0 to note_main(), which is the machine's start where the hypervisor starts the TSC with
/// the machine. Takes 20 ms at first, to learn the TSC's frequency.
[[nodiscard]] double tsc_ns_at_main();

}  // namespace pvbench
