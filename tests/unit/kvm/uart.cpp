// SPDX-License-Identifier: Apache-2.0
// The serial port.
#include "hv/accel/kvm/uart.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

struct Fixture {
    std::string text;
    int interrupts = 0;
    hv::kvm::Uart uart{{.put = [this](char c) { text += c; }, .interrupt = [this] { ++interrupts; }}};
};

}  // namespace

TEST_CASE("UART: what is written is printed, and the transmitter is always empty") {
    Fixture f;
    CHECK(f.uart.read(5) == 0x60);
    f.uart.write(0, 'h');
    f.uart.write(0, 'i');
    CHECK(f.text == "hi");
    CHECK(f.interrupts == 0);
    CHECK(f.uart.read(0) == 0);
}

TEST_CASE("UART: the divisor's registers are others than the data's") {
    Fixture f;
    f.uart.write(3, 0x83);
    f.uart.write(0, 0x0C);
    f.uart.write(1, 0x01);
    CHECK(f.uart.read(0) == 0x0C);
    CHECK(f.uart.read(1) == 0x01);
    f.uart.write(3, 0x03);
    CHECK(f.uart.read(1) == 0);
    CHECK(f.text.empty());
}

TEST_CASE("UART: a driver that waits for the transmitter's interrupt gets it") {
    Fixture f;
    f.uart.write(1, 0x02);
    CHECK(f.interrupts == 1);
    CHECK(f.uart.read(2) == 0xC2);
    CHECK(f.uart.read(2) == 0xC1);  // reading took it back
    f.uart.write(0, 'x');
    CHECK(f.interrupts == 2);
    f.uart.write(1, 0);
    CHECK(f.uart.read(2) == 0xC1);
}

TEST_CASE("UART: a driver that looks for it finds it by its loopback and scratch register") {
    Fixture f;
    f.uart.write(7, 0x5A);
    CHECK(f.uart.read(7) == 0x5A);
    f.uart.write(4, 0x1A);
    CHECK(f.uart.read(6) == 0x90);
    f.uart.write(0, 'x');
    CHECK(f.text.empty());
    f.uart.write(4, 0x03);
    CHECK(f.uart.read(6) == 0xB0);
}
