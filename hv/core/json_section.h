// SPDX-License-Identifier: Apache-2.0
// Reading a JSON object of which every key is known: configuration files, and bodies of requests.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hv/core/error.h"

namespace hv {

using Json = nlohmann::ordered_json;

/// `text` as a JSON string; what is not UTF-8, which JSON cannot hold, as {"hex": "..."}. take_string() reads both.
[[nodiscard]] Json json_text(std::string_view text);

/// One JSON object whose keys are taken one by one; finish() returns an error for any key that was not taken. All
/// errors are of kind `usage` and name the key. The value outlives the section.
class JsonSection {
public:
    /// How errors call the text ("configuration") and the format that defines its keys ("Firecracker's format").
    struct Origin {
        std::string what;
        std::string keys_of;
    };

    static Result<JsonSection> open(const Json& value, std::string name, Origin origin);

    /// Nothing if the key is absent or null.
    const Json* take(const char* key);
    Result<std::optional<std::string>> take_string(const char* key);
    Result<std::optional<bool>> take_bool(const char* key);
    Result<std::optional<std::uint64_t>> take_number(const char* key, std::uint64_t least, std::uint64_t most);
    /// Takes a key that asks for something that this hv lacks. Errors: unless its value is null or `harmless`.
    Result<> refuse_unless(const char* key, const Json& harmless);
    Result<> refuse(const char* key) { return refuse_unless(key, nullptr); }
    void ignore(const char* key, std::vector<std::string>& warnings);
    [[nodiscard]] Result<> finish() const;

    /// An error about this text.
    [[nodiscard]] std::unexpected<Error> wrong(const std::string& what) const;
    /// The key behind the names of the objects that contain it.
    [[nodiscard]] std::string path(std::string_view key) const;

private:
    JsonSection(const Json& value, std::string name, Origin origin)
        : value_(&value), name_(std::move(name)), origin_(std::move(origin)) {}

    const Json* value_;
    std::string name_;
    Origin origin_;
    std::vector<std::string> taken_;
};

}  // namespace hv
