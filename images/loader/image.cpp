// SPDX-License-Identifier: Apache-2.0
// The image that the loader boots: an ELF file, checked as hv checks it.
#include "images/loader/image.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "hypercall/layout.h"
#include "hypercall/note.h"
#include "hypercall/pvh.h"
#include "images/loader/read_at.h"

namespace tenon::loader {

namespace {

constexpr std::size_t most_headers = 64;

constexpr bool page_aligned(std::uint64_t value) { return value % abi::page_size == 0; }

class Reader {
public:
    explicit Reader(std::span<const std::byte> file) : file_(file) {}

    Result<ImageLayout> read() {
        PROPAGATE(read_header());
        // The note first, so that the error for a file of another kind says that it is no image.
        PROPAGATE(for_each_program(PT_NOTE, [this](const Elf64_Phdr& program) { return read_notes(program); }));
        if (!is_tenon_) return fail("it is not a Tenon image: it has no Tenon note");
        PROPAGATE(for_each_program(PT_LOAD, [this](const Elf64_Phdr& program) { return read_segment(program); }));
        for (const std::uint32_t type : {PT_INTERP, PT_DYNAMIC})
            PROPAGATE(for_each_program(type, [](const Elf64_Phdr&) -> Result<> {
                return fail("it is dynamically linked; an image is static");
            }));
        PROPAGATE(check_segments());
        PROPAGATE(check_entry());
        return layout_;
    }

private:
    Result<> read_header() {
        const auto header = read_at<Elf64_Ehdr>(file_, 0);
        if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return fail("it is not an ELF file");
        if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
            header->e_machine != EM_X86_64)
            return fail("it is not an x86-64 ELF file");
        if (header->e_type != ET_EXEC) return fail("it is not a static executable at a fixed address");
        if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > most_headers)
            return fail("its program headers are invalid");
        if (!fits(header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr), file_.size()))
            return fail("its program headers lie outside of the file (is it truncated?)");
        programs_ = header->e_phoff;
        program_count_ = header->e_phnum;
        return {};
    }

    template <typename Visit>
    Result<> for_each_program(std::uint32_t type, Visit&& visit) {
        for (std::size_t i = 0; i < program_count_; ++i) {
            const auto program = read_at<Elf64_Phdr>(file_, programs_ + i * sizeof(Elf64_Phdr));
            if (program && program->p_type == type) PROPAGATE(visit(*program));
        }
        return {};
    }

    Result<> read_notes(const Elf64_Phdr& program) {
        if (!fits(program.p_offset, program.p_filesz, file_.size())) return fail("its notes lie outside of the file");
        const std::uint64_t end = program.p_offset + program.p_filesz;
        const auto padded = [](std::uint64_t size) { return (size + 3) & ~3ULL; };
        for (std::uint64_t offset = program.p_offset; end - offset >= sizeof(Elf64_Nhdr);) {
            const auto header = read_at<Elf64_Nhdr>(file_, offset);
            if (!header) return fail("a note is truncated");
            offset += sizeof(Elf64_Nhdr);
            if (padded(header->n_namesz) > end - offset) return fail("a note is truncated");
            const std::uint64_t descriptor = offset + padded(header->n_namesz);
            if (padded(header->n_descsz) > end - descriptor) return fail("a note is truncated");
            read_note(*header, offset, descriptor);
            offset = descriptor + padded(header->n_descsz);
        }
        return {};
    }

    void read_note(const Elf64_Nhdr& header, std::uint64_t name, std::uint64_t descriptor) {
        const auto is = [&](std::string_view owner, std::uint32_t type) {
            // The terminating zero is a part of a note's name.
            return header.n_type == type && header.n_namesz == owner.size() + 1 &&
                   std::memcmp(file_.data() + name, owner.data(), owner.size() + 1) == 0;
        };
        is_tenon_ = is_tenon_ || is(abi::note_name, abi::note_type);
        if (!is("Xen", abi::pvh::phys32_entry_note)) return;
        if (header.n_descsz == 4) entry_ = read_at<std::uint32_t>(file_, descriptor);
        if (header.n_descsz == 8) entry_ = read_at<std::uint64_t>(file_, descriptor);
    }

    Result<> read_segment(const Elf64_Phdr& program) {
        if (program.p_memsz == 0) return {};
        if (layout_.segment_count == layout_.segments.size()) return fail("it has too many segments");
        if (!fits(program.p_offset, program.p_filesz, file_.size()))
            return fail("a segment lies outside of the file (is it truncated?)");
        if (program.p_filesz > program.p_memsz) return fail("a segment is larger in the file than in memory");
        const bool writable = (program.p_flags & PF_W) != 0, executable = (program.p_flags & PF_X) != 0;
        if (writable && executable) return fail("a segment is writable and executable");
        if ((program.p_flags & PF_R) == 0) return fail("a segment is not readable");
        if (!writable && program.p_filesz != program.p_memsz)
            return fail("a read-only segment is larger in memory than in the file");
        if (!page_aligned(program.p_paddr) || !page_aligned(program.p_offset))
            return fail("a segment is not aligned to pages");
        if (program.p_paddr < abi::image_base ||
            !fits(program.p_paddr, program.p_memsz, abi::hole_begin - abi::page_size))
            return fail("a segment lies outside of the memory that an image may use");
        if (program.p_vaddr != abi::guest_base + program.p_paddr)
            return fail("it is not linked for this machine: virtual addresses are 1 TiB above physical ones");
        layout_.segments[layout_.segment_count++] = {.physical = program.p_paddr,
                                                     .file_offset = program.p_offset,
                                                     .file_size = program.p_filesz,
                                                     .memory_size = program.p_memsz,
                                                     .executable = executable};
        return {};
    }

    Result<> check_segments() {
        const std::span segments = std::span(layout_.segments).first(layout_.segment_count);
        if (segments.empty()) return fail("it has nothing to load");
        std::ranges::sort(segments, {}, &Segment::physical);
        for (std::size_t i = 1; i < segments.size(); ++i)
            if (segments[i].physical < end_of(segments[i - 1])) return fail("two segments overlap, or share a page");
        layout_.extent = {segments.front().physical, end_of(segments.back())};
        return {};
    }

    static std::uint64_t end_of(const Segment& segment) {
        return segment.physical + abi::round_up_to_page(segment.memory_size);
    }

    Result<> check_entry() {
        if (!entry_) return fail("it has no PVH entry (XEN_ELFNOTE_PHYS32_ENTRY)");
        const bool is_code = std::ranges::any_of(layout_.used(), [this](const Segment& segment) {
            return segment.executable && *entry_ >= segment.physical &&
                   *entry_ - segment.physical < segment.memory_size;
        });
        if (!is_code) return fail("its PVH entry % is not in executable memory", {*entry_});
        layout_.entry = static_cast<std::uint32_t>(*entry_);
        return {};
    }

    std::span<const std::byte> file_;
    std::uint64_t programs_ = 0;
    std::size_t program_count_ = 0;
    bool is_tenon_ = false;
    std::optional<std::uint64_t> entry_;
    ImageLayout layout_;
};

}  // namespace

Result<ImageLayout> read_image(std::span<const std::byte> file) { return Reader(file).read(); }

void expand_image(std::span<const std::byte> file, const ImageLayout& layout, std::span<std::byte> target) {
    std::uint64_t written = 0;
    const auto zero_up_to = [&](std::uint64_t offset) {
        std::memset(target.data() + written, 0, offset - written);
        written = offset;
    };
    for (const Segment& segment : layout.used()) {
        zero_up_to(segment.physical - layout.extent.begin);
        std::memcpy(target.data() + written, file.data() + segment.file_offset, segment.file_size);
        written += segment.file_size;
    }
    zero_up_to(layout.extent.size());
}

}  // namespace tenon::loader
