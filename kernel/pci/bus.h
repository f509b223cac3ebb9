// SPDX-License-Identifier: Apache-2.0
// Enumerating functions: those on bus 0, and those behind bridges and root ports.
#pragma once

#include <bitset>

#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

enum class HeaderType : std::uint8_t { device = 0, bridge = 1 };

struct Function {
    Location location;
    std::uint32_t identity;    ///< vendor, and device in the upper half
    std::uint32_t class_code;  ///< revision in the lowest byte, class in the highest
    HeaderType header;         ///< functions with other headers are skipped
};

/// Calls visit(const Function&) for every device and bridge from bus 0 on, buses in ascending order. A bridge's
/// secondary bus is visited only if its number is greater than that of the bridge's own bus, as firmware numbers buses:
/// so each bus is visited once, and no loop is possible.
template <typename Visit>
void for_each_function(ConfigurationSpace& space, std::uint8_t last_bus, Visit&& visit) {
    constexpr unsigned devices = 32, functions = 8;
    constexpr std::uint32_t several_functions = 0x80;
    std::bitset<256> reachable;
    reachable.set(0);
    for (unsigned bus = 0; bus <= last_bus; ++bus) {
        if (!reachable.test(bus)) continue;
        for (unsigned slot = 0; slot < devices * functions; ++slot) {
            const Location location{static_cast<std::uint8_t>(bus), static_cast<std::uint8_t>(slot / functions),
                                    static_cast<std::uint8_t>(slot % functions)};
            const std::uint32_t identity = space.read(location, word::identity);
            const bool present = vendor_of(identity) != no_vendor && vendor_of(identity) != 0;
            const std::uint32_t header = present ? space.read(location, word::header) >> 16 & 0xFF : 0;
            // Section 3.2.2.3.4: a device has function 0, and others only if that one says so.
            if (location.function == 0 && (header & several_functions) == 0) slot += functions - 1;
            const auto type = static_cast<HeaderType>(header & ~several_functions);
            if (!present || (type != HeaderType::device && type != HeaderType::bridge)) continue;
            if (type == HeaderType::bridge) {
                const std::uint32_t secondary = space.read(location, word::bridge_buses) >> 8 & 0xFF;
                if (secondary > bus) reachable.set(secondary);
            }
            visit(Function{location, identity, space.read(location, word::class_code), type});
        }
    }
}

}  // namespace tenon::pci
