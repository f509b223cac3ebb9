// SPDX-License-Identifier: Apache-2.0
// Keys of a JSON object.
#include "hv/core/json_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hv {

namespace {

/// RFC 3629: the shortest form, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
        const unsigned char lead = byte(i);
        const std::size_t size = lead < 0x80   ? 1
                                 : lead < 0xC2 ? 0
                                 : lead < 0xE0 ? 2
                                 : lead < 0xF0 ? 3
                                 : lead < 0xF5 ? 4
                                               : 0;
        if (size == 0 || i + size > text.size()) return false;
        std::uint32_t point = size == 1 ? lead : lead & (0x7FU >> size);
        for (std::size_t k = 1; k < size; ++k) {
            if (byte(i + k) >> 6 != 2) return false;
            point = point << 6 | (byte(i + k) & 0x3FU);
        }
        constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x1'0000};
        if (point < least[size] || point > 0x10'FFFF || (point >= 0xD800 && point < 0xE000)) return false;
        i += size;
    }
    return true;
}

/// Of {"hex": "C3A9"}; nothing: it is something else.
std::optional<std::string> bytes_of(const Json& value) {
    if (!value.is_object() || value.size() != 1 || !value.contains("hex") || !value["hex"].is_string())
        return std::nullopt;
    const auto digits = value["hex"].get<std::string>();
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        unsigned char byte = 0;
        const auto [end, error] = std::from_chars(&digits[i], &digits[i] + 2, byte, 16);
        if (error != std::errc() || end != &digits[i] + 2) return std::nullopt;
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

}  // namespace

Json json_text(std::string_view text) {
    if (is_utf8(text)) return std::string(text);
    std::string digits;
    for (const char byte : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return {{"hex", digits}};
}

Result<JsonSection> JsonSection::open(const Json& value, std::string name, Origin origin) {
    JsonSection section(value, std::move(name), std::move(origin));
    if (value.is_object()) return section;
    return section.wrong(section.name_.empty() ? "the text is not a JSON object"
                                               : fmt::format("'{}' is not an object", section.name_));
}

const Json* JsonSection::take(const char* key) {
    taken_.emplace_back(key);
    const auto found = value_->find(key);
    return found == value_->end() || found->is_null() ? nullptr : &*found;
}

Result<std::optional<std::string>> JsonSection::take_string(const char* key) {
    const Json* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    if (auto bytes = bytes_of(*value)) return bytes;
    return wrong(fmt::format("'{}' is not a string", path(key)));
}

Result<std::optional<bool>> JsonSection::take_bool(const char* key) {
    const Json* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) return wrong(fmt::format("'{}' is neither true nor false", path(key)));
    return value->get<bool>();
}

Result<std::optional<std::uint64_t>> JsonSection::take_number(const char* key, std::uint64_t least,
                                                              std::uint64_t most) {
    const Json* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() < least || value->get<std::uint64_t>() > most)
        return wrong(fmt::format("'{}' is not a whole number from {} to {}", path(key), least, most));
    return value->get<std::uint64_t>();
}

Result<> JsonSection::refuse_unless(const char* key, const Json& harmless) {
    const Json* value = take(key);
    if (value == nullptr || *value == harmless || (value->is_structured() && value->empty())) return {};
    return wrong(fmt::format("'{}' is not supported by this hv (leave it out)", path(key)));
}

void JsonSection::ignore(const char* key, std::vector<std::string>& warnings) {
    const Json* value = take(key);
    if (value != nullptr && *value != false)
        warnings.push_back(fmt::format("{}: '{}' has no effect in this hv", origin_.what, path(key)));
}

Result<> JsonSection::finish() const {
    for (const auto& [key, value] : value_->items())
        if (std::ranges::find(taken_, key) == taken_.end())
            return wrong(fmt::format("'{}' is not a key that {} knows", path(key), origin_.keys_of));
    return {};
}

std::unexpected<Error> JsonSection::wrong(const std::string& what) const {
    return fail(ErrorKind::usage, fmt::format("{}: {}", origin_.what, what));
}

std::string JsonSection::path(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

}  // namespace hv
