// SPDX-License-Identifier: Apache-2.0
// The image that a loader carries, in a section of its own PE file (Microsoft PE/COFF specification, sections 2 to 4).
#include "images/loader/carried.h"

#include <cstring>
#include <optional>

#include "images/loader/read_at.h"

namespace tenon::loader {

namespace {

constexpr std::size_t pe_offset_place = 0x3C;
constexpr char pe_signature[4] = {'P', 'E', '\0', '\0'};
constexpr char section_name[8] = {'.', 't', 'e', 'n', 'o', 'n', '\0', '\0'};

struct FileHeader {
    char signature[4];
    std::uint16_t machine, section_count;
    std::uint32_t time, symbols, symbol_count;
    std::uint16_t optional_header_size, characteristics;
};
static_assert(sizeof(FileHeader) == 24);

struct SectionHeader {
    char name[8];
    std::uint32_t size, address;  // in memory, from the file's begin
    std::uint32_t in_file[5];
    std::uint32_t characteristics;
};
static_assert(sizeof(SectionHeader) == 40);

}  // namespace

Result<std::span<const std::byte>> carried_image(std::span<const std::byte> loaded) {
    const auto begin = read_at<std::uint32_t>(loaded, pe_offset_place);
    const auto header = begin ? read_at<FileHeader>(loaded, *begin) : std::nullopt;
    if (!header || std::memcmp(header->signature, pe_signature, sizeof pe_signature) != 0)
        return fail("the loader's own headers are damaged");
    const std::size_t sections = *begin + sizeof(FileHeader) + header->optional_header_size;
    for (std::size_t i = 0; i < header->section_count; ++i) {
        const auto section = read_at<SectionHeader>(loaded, sections + i * sizeof(SectionHeader));
        if (!section) return fail("the loader's own headers are damaged");
        if (std::memcmp(section->name, section_name, sizeof section_name) != 0) continue;
        if (!fits(section->address, section->size, loaded.size()))
            return fail("the image that the loader carries is truncated");
        return loaded.subspan(section->address, section->size);
    }
    return fail("the loader carries no image (images/carry.sh adds it)");
}

}  // namespace tenon::loader
