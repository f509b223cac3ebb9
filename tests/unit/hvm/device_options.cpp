// SPDX-License-Identifier: Apache-2.0
// Devices that the command line names.
#include "kernel/platform/hvm/device_options.h"

#include <catch2/catch.hpp>

using tenon::hvm::parse_mmio_device;

TEST_CASE("virtio_mmio.device: what hypervisors write") {
    const auto qemu = parse_mmio_device("512@0xfeb00e00:12");
    REQUIRE(qemu);
    CHECK(qemu->size == 512);
    CHECK(qemu->address == 0xFEB0'0E00);
    CHECK(qemu->line == 12);
    const auto firecracker = parse_mmio_device("4K@0xd0000000:5");
    REQUIRE(firecracker);
    CHECK(firecracker->size == 4096);
    CHECK(firecracker->address == 0xD000'0000);
    CHECK(parse_mmio_device("0x200@4096:7:0"));
}

TEST_CASE("virtio_mmio.device: what nobody should write") {
    for (const char* text : {"", "512", "512@", "512@0xfeb00e00", "512@0xfeb00e00:", "@0xfeb00e00:5", "0@0x1000:5",
                             "512@0x1000:256", "512@0x1000:5:", "512@0x1000:5:x", "512@0x1000:5 ", "512@0xg:5",
                             "-512@0x1000:5", "99999999999999999999@0x1000:5", "0xffffffffffffffff@0x1000:5",
                             "17179869184G@0:1", "99999999999999999999G@0:1"})
        CHECK_FALSE(parse_mmio_device(text));
}
