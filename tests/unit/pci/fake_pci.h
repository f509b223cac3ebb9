// SPDX-License-Identifier: Apache-2.0
// A PCI bus of fake functions: configuration space as functions show it, bars that know their size.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <tuple>

#include "kernel/pci/bus.h"
#include "kernel/pci/configuration_space.h"

namespace tenon::test {

struct FakeFunction {
    std::array<std::uint32_t, 64> words{};
    std::array<std::uint32_t, 6> bar_mask{};  ///< bits that can be set

    FakeFunction(std::uint16_t vendor, std::uint16_t device) { words[0] = vendor | std::uint32_t{device} << 16; }
    void set_byte(std::size_t offset, std::uint8_t value) {
        const std::size_t shift = offset % 4 * 8;
        std::uint32_t& word = words[offset / 4];
        word = (word & ~(0xFFu << shift)) | std::uint32_t{value} << shift;
    }
    void set_header(std::uint8_t type) { set_byte(0x0E, type); }
    void set_bar(std::size_t index, std::uint64_t base, std::uint64_t size, bool wide = false) {
        const std::uint64_t mask = ~(size - 1);
        words[4 + index] = static_cast<std::uint32_t>(base) | (wide ? 4u : 0u);
        bar_mask[index] = static_cast<std::uint32_t>(mask);
        if (!wide) return;
        words[5 + index] = static_cast<std::uint32_t>(base >> 32);
        bar_mask[index + 1] = static_cast<std::uint32_t>(mask >> 32);
    }
    /// Puts a capability at `offset` in front of the others.
    void add_capability(std::uint8_t offset, std::uint8_t id, std::initializer_list<std::uint32_t> body,
                        std::uint16_t after_link = 0) {
        words[1] |= pci::status_capabilities;
        words[offset / 4] = id | (words[0x34 / 4] & 0xFF) << 8 | std::uint32_t{after_link} << 16;
        std::size_t place = offset / 4u + 1;
        for (const std::uint32_t word : body) words[place++] = word;
        words[0x34 / 4] = offset;
    }
    /// A virtio_pci_cap (virtio 1.2, section 4.1.4).
    void add_virtio(std::uint8_t place, std::uint8_t type, std::uint8_t bar, std::uint32_t offset, std::uint32_t length,
                    std::uint32_t multiplier = 0) {
        const std::uint8_t size = type == 2 ? 20 : 16;
        add_capability(place, 0x09, {bar, offset, length}, static_cast<std::uint16_t>(size | std::uint32_t{type} << 8));
        if (type == 2) words[place / 4 + 4] = multiplier;
    }
    void add_msix(std::uint8_t place, std::uint16_t entries, std::uint32_t table) {
        add_capability(place, 0x11, {table, 0}, static_cast<std::uint16_t>(entries - 1));
    }
};

class FakePci final : public pci::ConfigurationSpace {
public:
    FakeFunction& add(std::uint8_t bus, std::uint8_t device, std::uint8_t function, FakeFunction made) {
        return functions_.insert_or_assign({bus, device, function}, made).first->second;
    }
    FakeFunction& at(pci::Location location) {
        return functions_.at({location.bus, location.device, location.function});
    }
    std::uint32_t read(pci::Location location, std::uint8_t offset) override {
        ++reads;
        misaligned = misaligned || offset % 4 != 0;
        const auto found = functions_.find({location.bus, location.device, location.function});
        return found == functions_.end() ? 0xFFFF'FFFF : found->second.words[offset / 4];
    }
    void write(pci::Location location, std::uint8_t offset, std::uint32_t value) override {
        misaligned = misaligned || offset % 4 != 0;
        const auto found = functions_.find({location.bus, location.device, location.function});
        if (found == functions_.end()) return;
        FakeFunction& function = found->second;
        std::uint32_t& word = function.words[offset / 4];
        const std::size_t bar = (offset - 0x10u) / 4;
        if (offset == 0x04) {
            word = (word & 0xFFFF'0000) | (value & 0xFFFF);  // ones would clear status bits
            status_cleared |= value >> 16;
        } else if (offset >= 0x10 && bar < 6) {
            // The address changes in two steps, so decoding must be off meanwhile.
            moved_while_decoding = moved_while_decoding || (function.words[1] & pci::command_memory) != 0;
            word = (word & ~function.bar_mask[bar]) | (value & function.bar_mask[bar]);
        } else {
            word = value;
        }
    }

    unsigned reads = 0;
    bool misaligned = false, moved_while_decoding = false;
    std::uint32_t status_cleared = 0;

private:
    std::map<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>, FakeFunction> functions_;
};

}  // namespace tenon::test
