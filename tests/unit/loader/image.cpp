// SPDX-License-Identifier: Apache-2.0
// The loader's checks of an image: a valid one, each possible error, and hv's verdict on the same files.
#include "hv/image/image.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "images/loader/image.h"
#include "tests/unit/hv/elf_builder.h"

using hv::test::ElfBuilder;
using tenon::loader::read_image;

namespace {

constexpr std::uint32_t entry = ElfBuilder::base + ElfBuilder::page + 0x40;

/// An image whose PVH entry is in its code.
ElfBuilder bootable() {
    ElfBuilder elf;
    elf.pvh_entry = entry;
    return elf;
}

/// The message of the refusal after `break_it`; empty if there was none.
template <typename Break>
std::string refusal_after(Break&& break_it) {
    ElfBuilder elf = bootable();
    break_it(elf);
    const auto layout = read_image(elf.build());
    return layout ? "" : std::string(layout.error().message());
}

}  // namespace

TEST_CASE("loader: an image that is right gives its layout") {
    const auto layout = read_image(bootable().build());
    REQUIRE(layout);
    REQUIRE(layout->used().size() == 3);
    CHECK(layout->extent.begin == tenon::abi::image_base);
    CHECK(layout->extent.size() == 5 * ElfBuilder::page);
    CHECK(layout->entry == entry);
    CHECK(layout->segments[1].executable);
    CHECK(layout->segments[2].file_size == 100);
    CHECK(layout->segments[2].memory_size == 3 * ElfBuilder::page);
}

TEST_CASE("loader: a file of another kind is refused by what it is") {
    CHECK(read_image({}).error().message() == "it is not an ELF file");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_ident[0] = 'X'; }) == "it is not an ELF file");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.file_size = 63; }) == "it is not an ELF file");
    const std::string other = "it is not an x86-64 ELF file";
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_ident[EI_CLASS] = ELFCLASS32; }) == other);
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_ident[EI_DATA] = ELFDATA2MSB; }) == other);
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_machine = EM_AARCH64; }) == other);
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_type = ET_DYN; }) ==
          "it is not a static executable at a fixed address");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.with_note = false; }) ==
          "it is not a Tenon image: it has no Tenon note");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.programs[0].p_type = PT_INTERP; }) ==
          "it is dynamically linked; an image is static");
}

TEST_CASE("loader: headers and notes outside of the file are refused") {
    const std::string outside = "its program headers lie outside of the file (is it truncated?)";
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_phoff = 1ULL << 40; }) == outside);
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_phoff = ~0ULL - 8; }) == outside);
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_phoff = elf.file_size - 8; }) == outside);
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_phentsize = 55; }) == "its program headers are invalid");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_phnum = 65; }) == "its program headers are invalid");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.programs[3].p_offset = ~0ULL; }) ==
          "its notes lie outside of the file");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.programs[3].p_filesz = ~0ULL; }) ==
          "its notes lie outside of the file");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.note_name_size = 0xFFFF'FFFF; }) == "a note is truncated");
}

TEST_CASE("loader: segments that make no sense are refused") {
    const auto breaks = [](auto&& change) {
        return refusal_after([&](ElfBuilder& elf) { change(elf.programs[1], elf.programs[2]); });
    };
    const std::string outside = "a segment lies outside of the file (is it truncated?)";
    CHECK(breaks([](auto& code, auto&) { code.p_offset = 1ULL << 40; }) == outside);
    CHECK(breaks([](auto& code, auto&) { code.p_offset = ~0xFFFULL; }) == outside);
    CHECK(breaks([](auto& code, auto&) { code.p_filesz = ~0ULL; }) == outside);
    CHECK(breaks([](auto& code, auto&) { code.p_memsz = 1; }) == "a segment is larger in the file than in memory");
    CHECK(breaks([](auto& code, auto&) { code.p_memsz += 4096; }) ==
          "a read-only segment is larger in memory than in the file");
    CHECK(breaks([](auto& code, auto&) { code.p_offset += 8; }) == "a segment is not aligned to pages");
    CHECK(breaks([](auto&, auto& data) { data.p_paddr += 8, data.p_vaddr += 8; }) ==
          "a segment is not aligned to pages");
    const std::string memory = "a segment lies outside of the memory that an image may use";
    CHECK(breaks([](auto&, auto& data) { data.p_memsz = ~0ULL; }) == memory);
    CHECK(breaks([](auto&, auto& data) { data.p_memsz = tenon::abi::hole_begin; }) == memory);
    CHECK(breaks([](auto&, auto& data) { data.p_paddr = 0x1000; }) == memory);
    CHECK(breaks([](auto&, auto& data) { data.p_paddr = ~0xFFFULL; }) == memory);
    CHECK(breaks([](auto&, auto& data) { data.p_vaddr = data.p_paddr; }) ==
          "it is not linked for this machine: virtual addresses are 1 TiB above physical ones");
    CHECK(breaks([](auto& code, auto& data) { data.p_paddr = code.p_paddr, data.p_vaddr = code.p_vaddr; }) ==
          "two segments overlap, or share a page");
    CHECK(breaks([](auto& code, auto&) { code.p_flags = PF_R | PF_W | PF_X; }) ==
          "a segment is writable and executable");
    CHECK(breaks([](auto& code, auto&) { code.p_flags = PF_X; }) == "a segment is not readable");
    CHECK(refusal_after([](ElfBuilder& elf) {
              for (std::uint64_t i = 3; i < 40; ++i) {
                  elf.programs.push_back(ElfBuilder::segment(i + 10, PF_R | PF_W, 0, 1));
                  elf.programs.back().p_offset = 0;
              }
          }) == "it has too many segments");
    CHECK(refusal_after([](ElfBuilder& elf) {
              for (Elf64_Phdr& program : elf.programs)
                  if (program.p_type == PT_LOAD) program.p_type = PT_NULL;
          }) == "it has nothing to load");
}

TEST_CASE("loader: the PVH entry has to be there, and in code") {
    CHECK(refusal_after([](ElfBuilder& elf) { elf.pvh_entry.reset(); }) ==
          "it has no PVH entry (XEN_ELFNOTE_PHYS32_ENTRY)");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.pvh_entry = ElfBuilder::base; }) ==
          "its PVH entry 0x200000 is not in executable memory");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.pvh_entry = 0; }) == "its PVH entry 0x0 is not in executable memory");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.pvh_entry = ElfBuilder::base + 2 * ElfBuilder::page - 1; }).empty());
    CHECK_FALSE(
        refusal_after([](ElfBuilder& elf) { elf.pvh_entry = ElfBuilder::base + 2 * ElfBuilder::page; }).empty());
}

TEST_CASE("loader: an image's memory is its segments, and zeros") {
    ElfBuilder elf = bootable();
    // Between code and data a page is missing.
    elf.programs[2].p_paddr += ElfBuilder::page, elf.programs[2].p_vaddr += ElfBuilder::page;
    std::vector<std::byte> file = elf.build();
    for (std::size_t i = 2 * ElfBuilder::page; i < file.size(); ++i) file[i] = static_cast<std::byte>(i % 251 + 1);
    const auto layout = read_image(file);
    REQUIRE(layout);
    std::vector<std::byte> memory(layout->extent.size(), std::byte{0xEE});
    tenon::loader::expand_image(file, *layout, memory);
    REQUIRE(memory.size() == 6 * ElfBuilder::page);
    const auto same = [&](std::size_t place, std::size_t offset, std::size_t size) {
        return std::memcmp(memory.data() + place, file.data() + offset, size) == 0;
    };
    const auto zero = [&](std::size_t begin, std::size_t end) {
        return std::all_of(memory.begin() + static_cast<std::ptrdiff_t>(begin),
                           memory.begin() + static_cast<std::ptrdiff_t>(end),
                           [](std::byte byte) { return byte == std::byte{0}; });
    };
    constexpr std::size_t page = ElfBuilder::page;
    CHECK(same(0, page, 2 * page));
    CHECK(zero(2 * page, 3 * page));
    CHECK(same(3 * page, 3 * page, 100));
    CHECK(zero(3 * page + 100, 6 * page));
}

TEST_CASE("loader: of changed images it takes those that hv takes, with the same segments") {
    ElfBuilder builder;
    builder.pvh_entry = ElfBuilder::base + ElfBuilder::page + 0x40;
    const std::vector<std::byte> good = builder.build();
    std::mt19937 random(2);
    int taken = 0, refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> file = good;
        // Headers, and the first notes: PVH's and Tenon's.
        for (int change = 0; change < 2; ++change) {
            const std::size_t offset = random() % 2 != 0 ? random() % 300 : ElfBuilder::page + random() % 60;
            file[offset] = static_cast<std::byte>(random());
        }
        if (random() % 8 == 0) file.resize(random() % file.size());
        const auto by_hv = hv::parse_image(file, "x", ~0ULL);
        const auto by_loader = read_image(file);
        INFO((by_hv ? "hv takes it" : by_hv.error().message));
        if (!by_loader) {
            ++refused;
            // The loader also needs a PVH entry. Everything else that it refuses, hv refuses.
            if (by_hv) REQUIRE(std::string(by_loader.error().message()).find("PVH entry") != std::string::npos);
            continue;
        }
        ++taken;
        // What hv looks at for itself: version, entries and stacks in the Tenon note.
        if (!by_hv) {
            REQUIRE((by_hv.error().message.find("note") != std::string::npos ||
                     by_hv.error().message.find("stack arena") != std::string::npos ||
                     by_hv.error().message.find("ABI version") != std::string::npos));
            continue;
        }
        REQUIRE(by_loader->used().size() == by_hv->segments.size());
        for (std::size_t i = 0; i < by_hv->segments.size(); ++i) {
            REQUIRE(by_loader->segments[i].physical == by_hv->segments[i].physical);
            REQUIRE(by_loader->segments[i].file_offset == by_hv->segments[i].file_offset);
            REQUIRE(by_loader->segments[i].file_size == by_hv->segments[i].file_size);
            REQUIRE(by_loader->segments[i].memory_size == by_hv->segments[i].memory_size);
        }
        if (by_loader->extent.size() > 1 << 16) continue;
        std::vector<std::byte> memory(by_loader->extent.size());
        tenon::loader::expand_image(file, *by_loader, memory);
    }
    CHECK(taken > 1000);
    CHECK(refused > 1000);
}
