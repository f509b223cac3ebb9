// SPDX-License-Identifier: Apache-2.0
// Parsing of images: every offset, size and address of the file is checked before its use.
#include "hv/image/image.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>

#include "hv/core/memory_file.h"
#include "hv/image/store.h"
#include "hypercall/layout.h"

namespace hv {

namespace {

using tenon::abi::guest_base;
using tenon::abi::ImageNote;
using tenon::abi::page_size;
using tenon::abi::round_up_to_page;

constexpr std::uint32_t xen_note_physical_entry = 18;  // XEN_ELFNOTE_PHYS32_ENTRY
constexpr std::size_t most_segments = 32;
constexpr std::size_t most_headers = 64;
// Of one note; what is beyond is passed over.
constexpr std::size_t most_drivers = 64, longest_port_name = 64;
constexpr std::size_t most_ports = 64;

constexpr bool page_aligned(std::uint64_t value) { return value % page_size == 0; }

/// Whether [begin, begin + size) lies below `limit`. The computation does not wrap.
constexpr bool fits(std::uint64_t begin, std::uint64_t size, std::uint64_t limit) {
    return begin <= limit && size <= limit - begin;
}

/// Of a file, or of bytes in memory.
struct ImageBytes {
    std::uint64_t size;
    /// Copies `size` bytes at `offset`, which lie within the file; false: they cannot be read.
    std::function<bool(std::uint64_t offset, void* target, std::size_t size)> copy;
};

class Parser {
public:
    Parser(const ImageBytes& file, const std::string& name, std::uint64_t supported)
        : file_(file), name_(name), supported_(supported) {}

    Result<ImageLayout> parse() {
        TRY(const Elf64_Ehdr header, elf_header());
        std::vector<Elf64_Phdr> programs(header.e_phnum);
        if (!copy(header.e_phoff, programs.data(), programs.size() * sizeof(Elf64_Phdr)))
            return refuse("its program headers lie outside of the file (is it truncated?)");
        // The note first, so that the error for a file of another kind says that it is no image.
        for (const Elf64_Phdr& program : programs)
            if (program.p_type == PT_NOTE) CHECK(notes(program));
        if (!has_note_) return refuse("not a Tenon image: it has no Tenon note");
        for (const Elf64_Phdr& program : programs) {
            if (program.p_type == PT_LOAD) CHECK(segment(program));
            if (program.p_type == PT_INTERP || program.p_type == PT_DYNAMIC)
                return refuse("it is dynamically linked; an image is static");
        }
        CHECK(check_segments());
        CHECK(check_note());
        return std::move(layout_);
    }

private:
    [[nodiscard]] std::unexpected<Error> refuse(const std::string& why) const {
        return fail(ErrorKind::bad_image, "image '" + name_ + "': " + why);
    }

    bool copy(std::uint64_t offset, void* target, std::size_t size) const {
        return fits(offset, size, file_.size) && file_.copy(offset, target, size);
    }
    template <typename T>
    std::optional<T> read(std::uint64_t offset) const {
        T value;
        return copy(offset, &value, sizeof value) ? std::optional(value) : std::nullopt;
    }

    Result<Elf64_Ehdr> elf_header() const {
        const auto header = read<Elf64_Ehdr>(0);
        if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return refuse("not an ELF file");
        if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
            header->e_machine != EM_X86_64)
            return refuse("not an x86-64 ELF file");
        if (header->e_type != ET_EXEC) return refuse("not a static executable at a fixed address");
        if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > most_headers)
            return refuse("its program headers are invalid");
        return *header;
    }

    Result<> segment(const Elf64_Phdr& program) {
        if (program.p_memsz == 0) return {};
        if (layout_.segments.size() == most_segments) return refuse("it has too many segments");
        if (!fits(program.p_offset, program.p_filesz, file_.size))
            return refuse("a segment lies outside of the file (is it truncated?)");
        if (program.p_filesz > program.p_memsz) return refuse("a segment is larger in the file than in memory");
        const ImageSegment segment{.physical = program.p_paddr,
                                   .file_offset = program.p_offset,
                                   .file_size = program.p_filesz,
                                   .memory_size = program.p_memsz,
                                   .writable = (program.p_flags & PF_W) != 0,
                                   .executable = (program.p_flags & PF_X) != 0};
        if (segment.writable && segment.executable) return refuse("a segment is writable and executable");
        if ((program.p_flags & PF_R) == 0) return refuse("a segment is not readable");
        if (!segment.writable && program.p_filesz != program.p_memsz)
            return refuse("a read-only segment is larger in memory than in the file");
        if (!page_aligned(segment.physical) || !page_aligned(segment.file_offset))
            return refuse("a segment is not aligned to pages");
        if (segment.physical < tenon::abi::image_base ||
            !fits(segment.physical, segment.memory_size, tenon::abi::hole_begin - page_size))
            return refuse("a segment lies outside of the memory that an image may use");
        if (program.p_vaddr != guest_base + segment.physical)
            return refuse("it is not linked for this machine: virtual addresses are 1 TiB above physical ones");
        layout_.segments.push_back(segment);
        return {};
    }

    Result<> notes(const Elf64_Phdr& program) {
        if (!fits(program.p_offset, program.p_filesz, file_.size)) return refuse("its notes lie outside of the file");
        const std::uint64_t end = program.p_offset + program.p_filesz;
        const auto padded = [](std::uint64_t size) { return (size + 3) & ~3ULL; };
        for (std::uint64_t at = program.p_offset; end - at >= sizeof(Elf64_Nhdr);) {
            const auto header = read<Elf64_Nhdr>(at);
            if (!header) return refuse("a note is truncated");
            at += sizeof(Elf64_Nhdr);
            if (padded(header->n_namesz) > end - at) return refuse("a note is truncated");
            const std::uint64_t descriptor = at + padded(header->n_namesz);
            if (padded(header->n_descsz) > end - descriptor) return refuse("a note is truncated");
            CHECK(note(*header, at, descriptor));
            at = descriptor + padded(header->n_descsz);
        }
        return {};
    }

    Result<> note(const Elf64_Nhdr& header, std::uint64_t name, std::uint64_t descriptor) {
        const auto is = [&](const char* owner, std::uint32_t type) {
            const std::string_view expected(owner, std::strlen(owner) + 1);
            std::array<char, 16> text{};
            return header.n_type == type && header.n_namesz == expected.size() &&
                   copy(name, text.data(), expected.size()) &&
                   std::string_view(text.data(), expected.size()) == expected;
        };
        if (is(tenon::abi::note_name, tenon::abi::note_type)) {
            // The version first: the note's size has a meaning only for a known version.
            const auto version = header.n_descsz >= 4 ? read<std::uint32_t>(descriptor) : std::nullopt;
            if (!version) return refuse("its Tenon note is truncated");
            if (*version != tenon::abi::version)
                return refuse("ABI version " + std::to_string(*version) + ", this hv speaks " +
                              std::to_string(tenon::abi::version) + " (rebuild the image, or use the hv it came with)");
            if (header.n_descsz < sizeof(ImageNote)) return refuse("its Tenon note is truncated");
            if (has_note_) return refuse("it has two Tenon notes");
            const auto note = read<ImageNote>(descriptor);
            if (!note) return refuse("its Tenon note is truncated");
            layout_.note = *note;
            has_note_ = true;
        } else if (is(tenon::abi::note_name, tenon::abi::driver_note_type)) {
            std::array<std::uint32_t, most_drivers> ids{};
            const std::size_t count = std::min<std::size_t>(header.n_descsz / sizeof ids[0], ids.size());
            if (!copy(descriptor, ids.data(), count * sizeof ids[0])) return refuse("a note is truncated");
            std::uint64_t& drivers = layout_.drivers ? *layout_.drivers : layout_.drivers.emplace(0);
            for (const std::uint32_t id : std::span(ids).first(count))
                if (id < 64) drivers |= 1ULL << id;
        } else if (is(tenon::abi::note_name, tenon::abi::port_note_type)) {
            std::array<char, longest_port_name> text{};
            const std::size_t size = std::min<std::size_t>(header.n_descsz, text.size());
            if (!copy(descriptor, text.data(), size)) return refuse("a note is truncated");
            if (layout_.ports.size() < most_ports) layout_.ports.emplace_back(text.data(), strnlen(text.data(), size));
        } else if (is("Xen", xen_note_physical_entry)) {
            if (header.n_descsz == 4)
                layout_.pvh_entry = read<std::uint32_t>(descriptor);
            else if (header.n_descsz == 8)
                layout_.pvh_entry = static_cast<std::uint32_t>(read<std::uint64_t>(descriptor).value_or(0));
        }
        return {};
    }

    Result<> check_segments() {
        auto& segments = layout_.segments;
        if (segments.empty()) return refuse("it has nothing to load");
        std::ranges::sort(segments, {}, &ImageSegment::physical);
        for (std::size_t i = 1; i < segments.size(); ++i)
            if (segments[i].physical < segments[i - 1].physical + round_up_to_page(segments[i - 1].memory_size))
                return refuse("two segments overlap, or share a page");
        const std::uint64_t begin = segments.front().physical;
        layout_.extent = {begin, segments.back().physical + round_up_to_page(segments.back().memory_size) - begin};
        return {};
    }

    Result<> check_note() {
        const ImageNote& note = layout_.note;
        if (const std::uint64_t missing = note.required_features & ~supported_; missing != 0)
            return refuse("it needs what this hv does not offer: " + feature_list(missing));
        if (!is_code(note.pv_entry) || !is_code(note.pv_trap_entry))
            return refuse("an entry of its Tenon note is not in executable memory");
        const std::uint64_t arena = note.stack_arena;
        const std::uint64_t arena_size = note.stack_arena_size;
        if (!page_aligned(arena) || !page_aligned(arena_size) || arena < tenon::abi::first_ram_address ||
            !fits(arena, arena_size, tenon::abi::hole_begin))
            return refuse("its stack arena is invalid");
        for (const ImageSegment& segment : layout_.segments)
            if (arena < segment.physical + round_up_to_page(segment.memory_size) &&
                segment.physical < arena + arena_size)
                return refuse("its stack arena overlaps a segment");
        return {};
    }

    [[nodiscard]] bool is_code(std::uint64_t address) const {
        return std::ranges::any_of(layout_.segments, [address](const ImageSegment& segment) {
            return segment.executable && address >= guest_base + segment.physical &&
                   address - guest_base - segment.physical < segment.memory_size;
        });
    }

    static std::string feature_list(std::uint64_t features) {
        std::string list;
        for (; features != 0; features &= features - 1) {
            const auto bit = static_cast<std::size_t>(std::countr_zero(features));
            if (!list.empty()) list += ", ";
            list += bit < std::size(tenon::abi::feature_names) ? tenon::abi::feature_names[bit]
                                                               : "feature " + std::to_string(bit);
        }
        return list;
    }

    const ImageBytes& file_;
    const std::string& name_;
    std::uint64_t supported_;
    ImageLayout layout_{};
    bool has_note_ = false;
};

/// A store on a file system that is mounted noexec (as Debian's /run is) cannot hold executable mappings. Each machine
/// then gets a copy of its own in memory, which is not shared.
Result<> make_executable(StoredFile& stored, const std::string& path) {
    struct statfs status {};
    constexpr decltype(status.f_flags) no_execution = 0x0008;  // ST_NOEXEC of statvfs(3)
    if (fstatfs(stored.file.get(), &status) != 0 || (status.f_flags & no_execution) == 0) return {};
    FileDescriptor copy = create_memory_file("tenon-image", true);
    off_t offset = 0;
    while (copy && static_cast<std::uint64_t>(offset) < stored.size)
        if (sendfile(copy.get(), stored.file.get(), &offset, stored.size - static_cast<std::uint64_t>(offset)) <= 0)
            copy = FileDescriptor();
    if (!copy || fcntl(copy.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        return fail(ErrorKind::no_memory, "image '" + path + "': cannot copy it to memory: " + std::strerror(errno));
    stored.file = std::move(copy);
    return {};
}

}  // namespace

Result<ImageLayout> parse_image(std::span<const std::byte> file, const std::string& name, std::uint64_t supported) {
    const ImageBytes bytes{file.size(), [file](std::uint64_t offset, void* target, std::size_t size) {
                               std::memcpy(target, file.data() + offset, size);
                               return true;
                           }};
    return Parser(bytes, name, supported).parse();
}

Result<ImageLayout> parse_image_file(int file, std::uint64_t size, const std::string& name, std::uint64_t supported) {
    if (size == 0) return fail(ErrorKind::bad_image, "image '" + name + "': the file is empty");
    const ImageBytes bytes{size, [file](std::uint64_t offset, void* target, std::size_t part) {
                               return pread(file, target, part, static_cast<off_t>(offset)) ==
                                      static_cast<ssize_t>(part);
                           }};
    return Parser(bytes, name, supported).parse();
}

Result<Image> Image::open(const std::string& path, const std::string& store_directory) {
    const auto look = [&path](int file, std::uint64_t size) -> Result<> {
        CHECK(parse_image_file(file, size, path, supported_features));
        return {};
    };
    TRY(StoredFile stored, store_file(path, store_directory, look));
    // A stored image was checked when it was stored, but may need a feature that this hv lacks.
    TRY(ImageLayout layout, parse_image_file(stored.file.get(), stored.size, path, supported_features));
    CHECK(make_executable(stored, path));
    return Image(path, std::move(layout), std::move(stored.file), stored.size);
}

}  // namespace hv
