// SPDX-License-Identifier: Apache-2.0
// The firmware's services that the loader uses (UEFI 2.10, sections 7, 9 and 13).
#pragma once

#include <efi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "images/loader/memory_map.h"
#include "images/loader/result.h"

namespace tenon::loader {

class Firmware {
public:
    Firmware(EFI_HANDLE loader, EFI_SYSTEM_TABLE& system)
        : loader_(loader), system_(system), services_(*system.BootServices) {}

    /// Prints up to 500 characters on the console; '\n' ends a line.
    void print(std::string_view text);
    void wait(std::uint64_t microseconds) { services_.Stall(microseconds); }

    /// The loader's PE file in memory.
    [[nodiscard]] Result<std::span<const std::byte>> loader_file();
    /// Reads a file in the root of the partition that the loader came from; returns its size, which is 0 if there is no
    /// such file.
    [[nodiscard]] Result<std::size_t> read_file(std::string_view name, std::span<char> target);
    /// The physical address of ACPI's root pointer; 0: there is none.
    [[nodiscard]] std::uint64_t acpi_root();

    /// Whole pages below 4 GiB, from which code can run. They are never given back: whatever system is booted in the
    /// end takes them as free memory.
    [[nodiscard]] Result<std::span<std::byte>> allocate(std::size_t size);
    /// Takes what is free of `extent`, so that no later allocation lies in it.
    [[nodiscard]] Result<> reserve(const FirmwareMap& map, const Extent& extent);

    /// The current map, valid until the next call.
    [[nodiscard]] Result<FirmwareMap> memory_map();
    /// Ends boot services, if the map has not changed since the last memory_map(). True: nothing of this class may be
    /// called any more. False: only memory_map() and this may be called.
    [[nodiscard]] bool exit();

private:
    EFI_HANDLE loader_;
    EFI_SYSTEM_TABLE& system_;
    EFI_BOOT_SERVICES& services_;
    std::span<std::byte> map_buffer_;
    UINTN map_key_ = 0;
};

}  // namespace tenon::loader
