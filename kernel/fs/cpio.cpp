// SPDX-License-Identifier: Apache-2.0
// Reads a cpio archive in the "newc" format.
#include "kernel/fs/cpio.h"

#include "kernel/base/address.h"

namespace tenon {

namespace {

/// Fields of the header, of eight hexadecimal digits each, after the magic number.
enum class Field : std::size_t {
    inode,
    mode,
    user,
    group,
    links,
    modified,
    size,
    dev_major,
    dev_minor,
    rdev_major,
    rdev_minor,
    name_size,
    check
};

constexpr std::size_t magic_size = 6;
constexpr std::size_t field_size = 8;
constexpr std::size_t header_size = magic_size + 13 * field_size;
constexpr std::size_t alignment = 4;

std::optional<std::uint32_t> read_field(std::string_view header, Field field) {
    std::uint32_t value = 0;
    for (const char digit : header.substr(magic_size + static_cast<std::size_t>(field) * field_size, field_size)) {
        std::uint32_t part = 0;
        if (digit >= '0' && digit <= '9')
            part = static_cast<std::uint32_t>(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            part = static_cast<std::uint32_t>(digit - 'a' + 10);
        else if (digit >= 'A' && digit <= 'F')
            part = static_cast<std::uint32_t>(digit - 'A' + 10);
        else
            return std::nullopt;
        value = value * 16 + part;
    }
    return value;
}

}  // namespace

Result<std::optional<CpioEntry>> CpioReader::next() {
    // Sizes are below 2^32, and the offset is inside the archive: no sum overflows.
    const std::string_view text(reinterpret_cast<const char*>(archive_.data()), archive_.size());
    if (archive_.empty()) return std::optional<CpioEntry>{};
    if (offset_ > text.size() || text.size() - offset_ < header_size) return fail(Error::invalid_argument);
    const std::string_view header = text.substr(offset_, header_size);
    // 070702 is the same with a checksum, which is not checked.
    if (!header.starts_with("070701") && !header.starts_with("070702")) return fail(Error::invalid_argument);
    const auto mode = read_field(header, Field::mode), modified = read_field(header, Field::modified);
    const auto size = read_field(header, Field::size), name_size = read_field(header, Field::name_size);
    if (!mode || !modified || !size || !name_size) return fail(Error::invalid_argument);

    const std::size_t name_begin = offset_ + header_size;
    if (*name_size == 0 || *name_size > text.size() - name_begin) return fail(Error::invalid_argument);
    const std::string_view name = text.substr(name_begin, *name_size - 1);
    if (text[name_begin + *name_size - 1] != '\0' || name.find('\0') != name.npos) return fail(Error::invalid_argument);
    if (name == "TRAILER!!!") return std::optional<CpioEntry>{};

    const std::size_t data_begin = align_up(name_begin + *name_size, alignment);
    if (data_begin > text.size() || *size > text.size() - data_begin) return fail(Error::invalid_argument);
    offset_ = align_up(data_begin + *size, alignment);
    return CpioEntry{name, archive_.subspan(data_begin, *size), *mode, *modified};
}

}  // namespace tenon
