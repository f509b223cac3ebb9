// SPDX-License-Identifier: Apache-2.0
// Interrupt lines with valid and invalid values of firmware.
#include "kernel/pci/interrupt_line.h"

#include "fake_pci.h"
#include "tests/unit/pv-drivers/test_macros.h"

using namespace tenon;
using tenon::test::FakePci;

TEST_CASE("pci: a function with a pin has the line that firmware says") {
    FakePci space;
    auto& function = space.add(0, 3, 0, {0x1AF4, 0x1045});
    const auto line = [&](std::uint8_t number, std::uint8_t pin) {
        function.words[0x3C / 4] = 0x1234'0000u | static_cast<std::uint32_t>(pin) << 8 | number;
        return pci::read_interrupt_line(space, {0, 3, 0});
    };
    CHECK(line(11, 1) == 11);
    CHECK(line(10, 4) == 10);
    CHECK(line(23, 2) == 23);
    CHECK(line(254, 1) == 254);
    CHECK_FALSE(line(11, 0));                                 // no pin
    CHECK_FALSE(line(11, 5));                                 // there is none of that number
    CHECK_FALSE(line(255, 1));                                // unknown
    CHECK_FALSE(line(0, 1));                                  // never set
    CHECK_FALSE(pci::read_interrupt_line(space, {0, 4, 0}));  // there is no function
}
