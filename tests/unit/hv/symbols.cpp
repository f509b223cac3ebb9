// SPDX-License-Identifier: Apache-2.0
// Names for addresses, from a symbol table that may hold anything.
#include "hv/image/symbols.h"

#include <elf.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

namespace {

std::vector<std::byte> elf_with_symbols() {
    const char names[] = "\0_ZN5tenon4bootEv\0entry\0data";
    const std::uint8_t function = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    const Elf64_Sym symbols[] = {{},
                                 {1, function, 0, 1, 0x1000, 0x100},
                                 {18, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, 1, 0x2000, 0},
                                 {24, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1, 0x2010, 8}};
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 3;
    header.e_shoff = sizeof header;
    Elf64_Shdr sections[3]{};
    const std::uint64_t data = sizeof header + sizeof sections;
    sections[1] = {0, SHT_SYMTAB, 0, 0, data, sizeof symbols, 2, 0, 8, sizeof(Elf64_Sym)};
    sections[2] = {0, SHT_STRTAB, 0, 0, data + sizeof symbols, sizeof names, 0, 0, 1, 0};
    std::vector<std::byte> file(data + sizeof symbols + sizeof names);
    std::memcpy(file.data(), &header, sizeof header);
    std::memcpy(file.data() + sizeof header, sections, sizeof sections);
    std::memcpy(file.data() + data, symbols, sizeof symbols);
    std::memcpy(file.data() + data + sizeof symbols, names, sizeof names);
    return file;
}

}  // namespace

TEST_CASE("symbols: functions by address, demangled") {
    const auto file = elf_with_symbols();
    const auto boot = hv::find_symbol(file, 0x1010);
    REQUIRE(boot);
    CHECK(boot->name == "tenon::boot()");
    CHECK(boot->offset == 0x10);
    CHECK_FALSE(hv::find_symbol(file, 0xFFF));
    CHECK_FALSE(hv::find_symbol(file, 0x1100));
    const auto entry = hv::find_symbol(file, 0x2015);
    REQUIRE(entry);
    CHECK(entry->name == "entry");
}

TEST_CASE("symbols: a file without a table, and a damaged one") {
    CHECK_FALSE(hv::find_symbol({}, 0x1000));
    const auto good = elf_with_symbols();
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        auto file = good;
        for (int change = 0; change < 4; ++change) file[random() % file.size()] = static_cast<std::byte>(random());
        if (random() % 4 == 0) file.resize(random() % file.size());
        (void)hv::find_symbol(file, random() % 0x3000);
    }
}
