// SPDX-License-Identifier: Apache-2.0
// Domain names from bytes that another machine chose.
#include "kernel/net/domain_names.h"

#include <algorithm>

namespace tenon::net {
namespace {

constexpr std::uint8_t pointer_bits = 0xC0;

bool may_be_in_a_name(std::uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Reads the name at `at`, which becomes the place behind it. False: it is malformed.
bool read_name(std::span<const std::uint8_t> bytes, std::size_t& at, DomainName& name) {
    std::size_t place = at;
    // A pointer leads to what stands before everything that was read of this name, so that there is no loop.
    std::size_t earliest = at;
    bool followed = false;
    while (place < bytes.size()) {
        const std::uint8_t size = bytes[place];
        if (size == 0) {
            if (!followed) at = place + 1;
            return true;
        }
        if ((size & pointer_bits) == pointer_bits) {
            if (place + 1 >= bytes.size()) return false;
            const std::size_t target = std::size_t{size & ~unsigned{pointer_bits}} << 8 | bytes[place + 1];
            if (target >= earliest) return false;
            if (!followed) at = place + 2;
            followed = true;
            earliest = place = target;
            continue;
        }
        if (size > DomainName::longest_label || bytes.size() - place <= size) return false;
        if (!name.append(bytes.subspan(place + 1, size))) return false;
        place += 1U + size;
    }
    return false;
}

}  // namespace

bool DomainName::append(std::span<const std::uint8_t> label) {
    if (label.empty() || label.size() > longest_label || !std::ranges::all_of(label, may_be_in_a_name)) return false;
    const std::size_t dot = size_ != 0 ? 1 : 0;
    if (label.size() + dot > longest - size_) return false;
    if (dot != 0) text_[size_++] = '.';
    for (const std::uint8_t c : label) text_[size_++] = static_cast<char>(c);
    return true;
}

std::size_t read_domain_names(std::span<const std::uint8_t> bytes, std::span<DomainName> names) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < bytes.size() && count < names.size();) {
        DomainName name;
        if (!read_name(bytes, at, name)) break;
        if (!name.text().empty()) names[count++] = name;
    }
    return count;
}

bool read_domain_text(std::span<const std::uint8_t> text, DomainName& name) {
    while (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);
    if (!text.empty() && text.back() == '.') text = text.first(text.size() - 1);
    for (;;) {
        const auto dot = std::ranges::find(text, std::uint8_t{'.'});
        const auto size = static_cast<std::size_t>(dot - text.begin());
        if (!name.append(text.first(size))) return false;
        if (dot == text.end()) return true;
        text = text.subspan(size + 1);
    }
}

}  // namespace tenon::net
