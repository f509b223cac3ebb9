// SPDX-License-Identifier: Apache-2.0
// A small valid image in memory, in which tests break one thing.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hypercall/layout.h"
#include "hypercall/note.h"

namespace hv::test {

/// Three segments (notes and constants, code, data with a tail of zeros), a Tenon note and a PVH note.
struct ElfBuilder {
    static constexpr std::uint64_t page = tenon::abi::page_size;
    static constexpr std::uint64_t base = tenon::abi::image_base;

    Elf64_Ehdr header{};
    std::vector<Elf64_Phdr> programs;
    tenon::abi::ImageNote note{};
    std::uint32_t note_version = tenon::abi::version;
    std::uint32_t note_size = sizeof(tenon::abi::ImageNote);
    std::uint32_t note_name_size = 6;
    bool with_note = true;
    std::optional<std::uint32_t> pvh_entry = 0x200040;
    bool twice = false;
    struct ExtraNote {
        std::uint32_t type;
        std::string bytes;
    };
    std::vector<ExtraNote> extra_notes;  ///< of the owner "Tenon"
    std::size_t file_size = 4 * page;

    ElfBuilder() {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_type = ET_EXEC;
        header.e_machine = EM_X86_64;
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        programs = {segment(0, PF_R, page, page), segment(1, PF_R | PF_X, page, page),
                    segment(2, PF_R | PF_W, 100, 3 * page)};
        Elf64_Phdr notes = programs[0];
        notes.p_type = PT_NOTE;
        programs.push_back(notes);
        note.pv_entry = tenon::abi::guest_base + base + page;
        note.pv_trap_entry = note.pv_entry + 16;
        note.stack_arena = 0x10000;
        note.stack_arena_size = 0x100000;
    }

    static Elf64_Phdr segment(std::uint64_t index, std::uint32_t flags, std::uint64_t file, std::uint64_t memory) {
        Elf64_Phdr program{};
        program.p_type = PT_LOAD;
        program.p_flags = flags;
        program.p_offset = (index + 1) * page;
        program.p_paddr = base + index * page;
        program.p_vaddr = tenon::abi::guest_base + program.p_paddr;
        program.p_filesz = file;
        program.p_memsz = memory;
        return program;
    }

    [[nodiscard]] std::vector<std::byte> build() {
        std::vector<std::byte> notes;
        const auto add = [&notes](const void* data, std::size_t size) {
            const auto* bytes = static_cast<const std::byte*>(data);
            notes.insert(notes.end(), bytes, bytes + size);
            notes.resize((notes.size() + 3) & ~std::size_t{3});
        };
        const auto add_note = [&](std::uint32_t name_size, std::string_view name, std::uint32_t type, const void* data,
                                  std::uint32_t size) {
            const Elf64_Nhdr note_header{name_size, size, type};
            add(&note_header, sizeof note_header);
            add(name.data(), name.size() + 1);
            add(data, size);
        };
        note.abi_version = note_version;
        if (pvh_entry) add_note(4, "Xen", 18, &*pvh_entry, sizeof *pvh_entry);
        for (int i = 0; i < (twice ? 2 : 1) && with_note; ++i) add_note(note_name_size, "Tenon", 1, &note, note_size);
        for (const ExtraNote& extra : extra_notes)
            add_note(6, "Tenon", extra.type, extra.bytes.data(), static_cast<std::uint32_t>(extra.bytes.size()));
        if (programs.size() > 3 && programs[3].p_filesz == page) programs[3].p_filesz = notes.size();

        std::vector<std::byte> file(file_size);
        const auto put = [&file](std::size_t offset, const void* data, std::size_t size) {
            if (offset + size <= file.size()) std::memcpy(file.data() + offset, data, size);
        };
        if (header.e_phnum == 0) header.e_phnum = static_cast<Elf64_Half>(programs.size());
        put(0, &header, sizeof header);
        put(sizeof header, programs.data(), programs.size() * sizeof(Elf64_Phdr));
        put(page, notes.data(), notes.size());
        return file;
    }
};

}  // namespace hv::test
