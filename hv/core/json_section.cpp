// SPDX-License-Identifier: Apache-2.0
// Keys of a JSON object.
#include "hv/core/json_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace hv {

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
    if (!value->is_string()) return wrong(fmt::format("'{}' is not a string", path(key)));
    return value->get<std::string>();
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
