// SPDX-License-Identifier: Apache-2.0
// PCI configuration space (PCI Local Bus 3.0, chapter 6): location of a function, and access to its registers.
#pragma once

#include <cstdint>

namespace tenon::pci {

struct Location {
    std::uint8_t bus;
    std::uint8_t device;    ///< 0 to 31
    std::uint8_t function;  ///< 0 to 7
    friend bool operator==(const Location&, const Location&) = default;
};

/// Access to configuration space, of the machine or of a test. One thread at a time. Registers are read and written as
/// whole aligned 32-bit words. Zeros leave the status bits unchanged that share a word with the command register.
class ConfigurationSpace {
public:
    /// `offset` is a multiple of 4 below 256. All bits are 1 if there is no such function.
    [[nodiscard]] virtual std::uint32_t read(Location function, std::uint8_t offset) = 0;
    virtual void write(Location function, std::uint8_t offset, std::uint32_t value) = 0;

protected:
    ~ConfigurationSpace() = default;
};

/// Offsets of the words that are used here (6.1; bridges: PCI-to-PCI Bridge 1.2, 3.2).
namespace word {
inline constexpr std::uint8_t identity = 0x00;    ///< vendor, device
inline constexpr std::uint8_t command = 0x04;     ///< command, status
inline constexpr std::uint8_t class_code = 0x08;  ///< revision, programming interface, subclass, class
inline constexpr std::uint8_t header = 0x0C;      ///< cache line, latency, header type, BIST
inline constexpr std::uint8_t first_bar = 0x10;
inline constexpr std::uint8_t bridge_buses = 0x18;         ///< primary, secondary, subordinate, latency
inline constexpr std::uint8_t bridge_memory = 0x20;        ///< base, limit
inline constexpr std::uint8_t bridge_prefetchable = 0x24;  ///< base, limit; upper halves in the two words after it
inline constexpr std::uint8_t capabilities = 0x34;         ///< offset of the first one
inline constexpr std::uint8_t interrupt = 0x3C;            ///< line, pin, and two fields that PCI Express does not use
}  // namespace word

inline constexpr std::uint32_t command_memory = 1 << 1;
inline constexpr std::uint32_t command_bus_master = 1 << 2;
inline constexpr std::uint32_t command_no_intx = 1 << 10;
inline constexpr std::uint32_t status_capabilities = 1 << 20;
inline constexpr std::uint16_t no_vendor = 0xFFFF;

inline std::uint16_t vendor_of(std::uint32_t identity) { return static_cast<std::uint16_t>(identity); }
inline std::uint16_t device_of(std::uint32_t identity) { return static_cast<std::uint16_t>(identity >> 16); }

/// Changes bits of the command register.
inline void change_command(ConfigurationSpace& space, Location function, std::uint32_t clear, std::uint32_t set) {
    const std::uint32_t command = space.read(function, word::command) & 0xFFFF;
    space.write(function, word::command, (command & ~clear) | set);
}

}  // namespace tenon::pci
