// SPDX-License-Identifier: Apache-2.0
// Parsing requests.
#include "tools-agent/request.h"

namespace tenon::tools {

namespace {

/// Checks that a text is JSON without too many values, before memory is allocated for them. Framer bounds the nesting.
class Counter final : public nlohmann::json_sax<Json> {
public:
    bool null() override { return count(); }
    bool boolean(bool) override { return count(); }
    bool number_integer(number_integer_t) override { return count(); }
    bool number_unsigned(number_unsigned_t) override { return count(); }
    bool number_float(number_float_t, const string_t&) override { return count(); }
    bool string(string_t&) override { return count(); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return count(); }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return count(); }
    bool end_array() override { return true; }
    bool key(string_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }

private:
    bool count() { return ++values_ <= most_values; }
    std::size_t values_ = 0;
};

}  // namespace

std::expected<Request, CommandError> parse_request(std::string_view text) {
    Counter counter;
    if (!Json::sax_parse(text, &counter)) return failure("Invalid JSON syntax, or more values than a request may have");
    Json whole = Json::parse(text, nullptr, false);
    if (!whole.is_object()) return failure("A request must be a JSON object");
    Request request{.command = {}, .arguments = Json::object(), .id = Json(Json::value_t::discarded)};
    bool has_command = false;
    for (auto& [name, value] : whole.items()) {
        if (name == "execute" && value.is_string()) {
            request.command = value.get<std::string>();
            has_command = true;
        } else if (name == "arguments" && value.is_object()) {
            request.arguments = std::move(value);
        } else if (name == "id") {
            request.id = std::move(value);
        } else if (name == "execute" || name == "arguments") {
            return failure("Request member '" + name + "' has the wrong type");
        } else {
            return failure("Request member '" + name + "' is unexpected");
        }
    }
    if (!has_command) return failure("Request lacks member 'execute'");
    return request;
}

}  // namespace tenon::tools
