// SPDX-License-Identifier: Apache-2.0
// Names of functions in an image.
#include "hv/image/symbols.h"

#include <elf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "hv/image/demangle.h"

namespace hv {

namespace {

template <typename T>
std::optional<T> read(std::span<const std::byte> file, std::uint64_t offset) {
    if (offset > file.size() || sizeof(T) > file.size() - offset) return std::nullopt;
    T value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

std::span<const std::byte> contents(std::span<const std::byte> file, const Elf64_Shdr& section) {
    if (section.sh_type == SHT_NOBITS || section.sh_offset > file.size()) return {};
    return file.subspan(section.sh_offset, std::min<std::uint64_t>(section.sh_size, file.size() - section.sh_offset));
}

std::optional<ImageSymbol> search(std::span<const std::byte> table, std::span<const std::byte> names,
                                  std::uint64_t address) {
    std::optional<Elf64_Sym> best;
    for (std::uint64_t at = 0; const auto symbol = read<Elf64_Sym>(table, at); at += sizeof(Elf64_Sym)) {
        const int type = ELF64_ST_TYPE(symbol->st_info);
        // Symbols of assembly often have neither type nor size: the nearest one below the address is the best guess.
        if ((type != STT_FUNC && type != STT_NOTYPE) || symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS ||
            symbol->st_value > address)
            continue;
        if (symbol->st_size != 0 && address - symbol->st_value >= symbol->st_size) continue;
        if (!best || symbol->st_value > best->st_value || (symbol->st_value == best->st_value && symbol->st_size != 0))
            best = symbol;
    }
    if (!best || best->st_name >= names.size()) return std::nullopt;
    const auto* begin = reinterpret_cast<const char*>(names.data()) + best->st_name;
    const std::string name(begin, strnlen(begin, names.size() - best->st_name));
    return ImageSymbol{demangled_function(name), address - best->st_value};
}

}  // namespace

std::optional<ImageSymbol> find_symbol(std::span<const std::byte> file, std::uint64_t address) {
    const auto header = read<Elf64_Ehdr>(file, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_shentsize != sizeof(Elf64_Shdr))
        return std::nullopt;
    const auto section = [&](std::uint64_t index) -> std::optional<Elf64_Shdr> {
        // The offset may have any value. If the addition wraps, read() still checks the result against the file's size.
        if (index >= header->e_shnum) return std::nullopt;
        return read<Elf64_Shdr>(file, header->e_shoff + index * sizeof(Elf64_Shdr));
    };
    for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
        const auto table = section(i);
        if (!table || table->sh_type != SHT_SYMTAB) continue;
        const auto names = section(table->sh_link);
        if (names) return search(contents(file, *table), contents(file, *names), address);
    }
    return std::nullopt;
}

ImageSymbols::ImageSymbols(const Image& image) {
    void* memory = mmap(nullptr, image.file_size(), PROT_READ, MAP_PRIVATE, image.file(), 0);
    if (memory != MAP_FAILED) file_ = {static_cast<const std::byte*>(memory), image.file_size()};
}

ImageSymbols::~ImageSymbols() {
    if (!file_.empty()) munmap(const_cast<std::byte*>(file_.data()), file_.size());
}

}  // namespace hv
