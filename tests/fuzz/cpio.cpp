// SPDX-License-Identifier: Apache-2.0
// Fuzzes the cpio reader: every entry lies inside the archive, and reading ends.
#include "kernel/fs/cpio.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto archive = std::as_bytes(std::span(data, size));
    tenon::CpioReader reader(archive);
    // Each entry takes at least a header.
    for (std::size_t count = 0; count <= size / 110 + 1; ++count) {
        const auto entry = reader.next();
        if (!entry || !*entry) return 0;
        const auto bytes = (*entry)->data;
        if (!bytes.empty() && (bytes.data() < archive.data() || bytes.data() + bytes.size() > archive.data() + size))
            std::abort();
        for (const std::byte byte : bytes) asm volatile("" : : "r"(byte));
        for (const char character : (*entry)->name) asm volatile("" : : "r"(character));
    }
    std::abort();
}
