// SPDX-License-Identifier: Apache-2.0
// Limits of JSON texts, and their members.
#include "hv/core/json_text.h"

#include <fmt/format.h>

#include <vector>

namespace hv {

namespace {

std::unexpected<Error> refuse(std::string why) { return fail(ErrorKind::usage, std::move(why)); }

/// Counts what a parser would build, without building it. Of a text that is not JSON it counts as far as a parser
/// comes.
class Counter {
public:
    Counter(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

    Result<> count() {
        while (at_ < text_.size()) {
            switch (text_[at_++]) {
                case '"': skip_string(); break;
                case '/':
                    if (limits_.comments) skip_comment();
                    break;
                case '{':
                case '[':
                    open_.push_back({.members = 1, .object = text_[at_ - 1] == '{'});
                    if (open_.size() > limits_.depth)
                        return refuse(fmt::format("nests deeper than {} levels", limits_.depth));
                    CHECK(add_value());
                    break;
                case '}':
                case ']':
                    if (!open_.empty()) open_.pop_back();
                    break;
                case ',':
                    CHECK(add_value());
                    if (!open_.empty() && ++open_.back().members > limits_.members && open_.back().object)
                        return refuse(fmt::format("has an object of more than {} members", limits_.members));
                    break;
                default: break;
            }
        }
        return {};
    }

private:
    struct Open {
        std::size_t members;
        bool object;
    };

    Result<> add_value() {
        if (++values_ > limits_.values) return refuse(fmt::format("has more than {} values", limits_.values));
        return {};
    }
    void skip_string() {
        for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
            if (text_[at_] == '\\') ++at_;
        ++at_;
    }
    void skip_comment() {
        const bool line = text_.substr(at_).starts_with('/');
        const std::size_t end = line ? text_.find('\n', at_) : text_.find("*/", at_ + 1);
        at_ = end == std::string_view::npos ? text_.size() : end + (line ? 1 : 2);
    }

    std::string_view text_;
    const JsonLimits& limits_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::vector<Open> open_;
};

}  // namespace

Result<nlohmann::ordered_json> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes) return refuse(fmt::format("is longer than {} bytes", limits.bytes));
    CHECK(Counter(text, limits).count());
    auto json = nlohmann::ordered_json::parse(text, nullptr, false, limits.comments);
    if (json.is_discarded()) return refuse("is not JSON");
    return json;
}

const nlohmann::ordered_json& member_of(const nlohmann::ordered_json& json, std::string_view key) {
    static const nlohmann::ordered_json nothing;
    if (!json.is_object()) return nothing;
    const auto found = json.find(key);
    return found == json.end() ? nothing : *found;
}

std::string printed_json(const nlohmann::ordered_json& json, int indent) {
    return json.dump(indent, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace hv
