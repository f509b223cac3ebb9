// SPDX-License-Identifier: Apache-2.0
// Image parsing: a valid image, and each possible error.
#include "hv/image/image.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/hv/elf_builder.h"

using hv::test::ElfBuilder;
using tenon::abi::guest_base;

namespace {

hv::Result<hv::ImageLayout> parse(ElfBuilder& elf, std::uint64_t supported = hv::supported_features) {
    return hv::parse_image(elf.build(), "x", supported);
}

/// The message of the refusal; empty if there was none.
std::string refusal(ElfBuilder& elf) {
    const auto layout = parse(elf);
    if (layout) return {};
    CHECK(layout.error().kind == hv::ErrorKind::bad_image);
    return layout.error().message;
}

template <typename Break>
std::string refusal_after(Break&& break_it) {
    ElfBuilder elf;
    break_it(elf);
    return refusal(elf);
}

}  // namespace

TEST_CASE("an image that is right gives its layout") {
    ElfBuilder elf;
    const auto layout = parse(elf);
    REQUIRE(layout);
    REQUIRE(layout->segments.size() == 3);
    CHECK(layout->extent.base == tenon::abi::image_base);
    CHECK(layout->extent.size == 5 * ElfBuilder::page);
    CHECK(layout->segments[1].executable);
    CHECK_FALSE(layout->segments[1].writable);
    CHECK(layout->segments[2].writable);
    CHECK(layout->segments[2].file_size == 100);
    CHECK(layout->note.pv_entry == guest_base + 0x201000);
    CHECK(layout->pvh_entry == 0x200040);
}

TEST_CASE("an image may have no PVH note, and an empty segment") {
    ElfBuilder elf;
    elf.programs.push_back(ElfBuilder::segment(9, PF_R | PF_W, 0, 0));
    CHECK(parse(elf));
}

TEST_CASE("what is not an ELF file of this machine is refused") {
    CHECK(refusal_after([](ElfBuilder& elf) { elf.header.e_ident[0] = 'X'; }) == "image 'x': not an ELF file");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.file_size = 20; }) == "image 'x': not an ELF file");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.file_size = 0; }) == "image 'x': not an ELF file");
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_ident[EI_CLASS] = ELFCLASS32; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_ident[EI_DATA] = ELFDATA2MSB; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_machine = EM_AARCH64; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_type = ET_DYN; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.programs[0].p_type = PT_INTERP; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.programs[0].p_type = PT_DYNAMIC; }).empty());
}

TEST_CASE("program headers outside of the file are refused") {
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_phoff = 1ULL << 40; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_phoff = ~0ULL - 8; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_phoff = elf.file_size - 8; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_phentsize = 55; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.header.e_phnum = 65; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.programs.clear(); }).empty());
}

TEST_CASE("segments that make no sense are refused") {
    const auto breaks = [](auto&& change) {
        return refusal_after([&](ElfBuilder& elf) { change(elf.programs[1], elf.programs[2]); });
    };
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_offset = 1ULL << 40; }).empty());
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_offset = ~0xFFFULL; }).empty());
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_offset += 8; }).empty());
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_filesz = ~0ULL; }).empty());
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_memsz = 1; }).empty());
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_memsz += 4096; }).empty());
    CHECK_FALSE(breaks([](auto&, auto& data) { data.p_memsz = ~0ULL; }).empty());
    CHECK_FALSE(breaks([](auto&, auto& data) { data.p_memsz = tenon::abi::hole_begin; }).empty());
    CHECK_FALSE(breaks([](auto&, auto& data) { data.p_paddr += 8, data.p_vaddr += 8; }).empty());
    CHECK_FALSE(breaks([](auto&, auto& data) { data.p_paddr = 0x1000, data.p_vaddr = guest_base + 0x1000; }).empty());
    CHECK_FALSE(breaks([](auto&, auto& data) { data.p_vaddr = data.p_paddr; }).empty());
    CHECK_FALSE(
        breaks([](auto&, auto& data) { data.p_paddr = ~0xFFFULL, data.p_vaddr = guest_base + ~0xFFFULL; }).empty());
    CHECK_FALSE(
        breaks([](auto& code, auto& data) { data.p_paddr = code.p_paddr, data.p_vaddr = code.p_vaddr; }).empty());
    CHECK(breaks([](auto& code, auto&) { code.p_flags = PF_R | PF_W | PF_X; }) ==
          "image 'x': a segment is writable and executable");
    CHECK_FALSE(breaks([](auto& code, auto&) { code.p_flags = PF_X; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) {
                    for (std::uint64_t i = 3; i < 40; ++i)
                        elf.programs.push_back(ElfBuilder::segment(i + 10, PF_R | PF_W, 0, 1));
                }).empty());
}

TEST_CASE("a truncated file is called so") {
    CHECK(refusal_after([](ElfBuilder& elf) { elf.file_size = 3 * ElfBuilder::page; }) ==
          "image 'x': a segment lies outside of the file (is it truncated?)");
}

TEST_CASE("another ABI version is refused by its number") {
    CHECK(refusal_after([](ElfBuilder& elf) { elf.note_version = 1; }) ==
          "image 'x': ABI version 1, this hv speaks 2 (rebuild the image, or use the hv it came with)");
    // A later version may have another size: the message names the version, not the size.
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.note_version = 7, elf.note_size = 8; }).find("ABI version 7") ==
                std::string::npos);
}

TEST_CASE("missing features are refused by name") {
    CHECK(refusal_after([](ElfBuilder& elf) { elf.note.required_features = 1 | 2 | 4; }) ==
          "image 'x': it needs what this hv does not offer: smp, suspend");
    CHECK(refusal_after([](ElfBuilder& elf) { elf.note.required_features = 1ULL << 63; }) ==
          "image 'x': it needs what this hv does not offer: feature 63");
    ElfBuilder elf;
    elf.note.wanted_features = ~0ULL;
    CHECK(parse(elf));
}

TEST_CASE("a missing, doubled or broken note is refused") {
    CHECK(refusal_after([](ElfBuilder& elf) { elf.with_note = false; }) ==
          "image 'x': not a Tenon image: it has no Tenon note");
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.twice = true; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.note_size = 52; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.note_size = 0; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.note_name_size = 0xFFFF'FFFF; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.programs[3].p_filesz = 40; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.programs[3].p_offset = ~0ULL; }).empty());
    CHECK_FALSE(refusal_after([](ElfBuilder& elf) { elf.programs[3].p_filesz = ~0ULL; }).empty());
}

TEST_CASE("entries have to be in code, and the stack arena out of everything's way") {
    const auto with_note = [](auto&& change) { return refusal_after([&](ElfBuilder& elf) { change(elf.note); }); };
    CHECK_FALSE(with_note([](auto& note) { note.pv_entry = 0; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.pv_entry = ~0ULL; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.pv_trap_entry = guest_base + 0x200000; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.pv_trap_entry = guest_base + 0x202000; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.stack_arena = 0; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.stack_arena += 16; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.stack_arena_size = ~0xFFFULL; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.stack_arena = ~0xFFFULL; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.stack_arena_size = 0x1F'8000; }).empty());
    CHECK_FALSE(with_note([](auto& note) { note.stack_arena = 0x204000; }).empty());
    CHECK(with_note([](auto& note) { note.stack_arena = 0x205000; }).empty());
}

TEST_CASE("no change of a few bytes makes the parser read outside of the file") {
    ElfBuilder elf;
    const std::vector<std::byte> good = elf.build();
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> file = good;
        // Only headers and notes are parsed.
        for (int change = 0; change < 3; ++change) {
            const std::size_t offset = (random() % 2 != 0 ? 0 : ElfBuilder::page) + random() % 400;
            file[offset] = static_cast<std::byte>(random());
        }
        if (random() % 4 == 0) file.resize(random() % file.size());
        const auto layout = hv::parse_image(file, "x", hv::supported_features);
        if (!layout) continue;
        for (const hv::ImageSegment& segment : layout->segments) {
            REQUIRE(segment.file_offset <= file.size());
            REQUIRE(segment.file_size <= file.size() - segment.file_offset);
            REQUIRE_FALSE((segment.writable && segment.executable));
        }
    }
}

TEST_CASE("an image says which drivers and ports it has, or nothing of them") {
    using tenon::abi::driver_note_type;
    using tenon::abi::port_note_type;
    ElfBuilder silent;
    CHECK_FALSE(parse(silent)->drivers.has_value());
    CHECK(parse(silent)->ports.empty());
    const auto id = [](std::uint32_t value) {
        return std::string(reinterpret_cast<const char*>(&value), sizeof value);
    };
    ElfBuilder none;
    none.extra_notes = {{driver_note_type, ""}};
    CHECK(parse(none)->drivers == 0U);
    ElfBuilder elf;
    elf.extra_notes = {{driver_note_type, id(1)},  {driver_note_type, id(2) + id(63)},
                       {driver_note_type, id(64)}, {driver_note_type, id(~0U)},
                       {driver_note_type, "odd"},  {driver_note_type, id(3) + "odd"},
                       {port_note_type, "agent"},  {port_note_type, std::string("log\0\0\0", 6)},
                       {port_note_type, ""},       {4, "of another version"}};
    const auto layout = parse(elf);
    REQUIRE(layout);
    CHECK(layout->drivers == (1ULL << 1 | 1ULL << 2 | 1ULL << 3 | 1ULL << 63));
    CHECK(layout->ports == std::vector<std::string>{"agent", "log", ""});
}
