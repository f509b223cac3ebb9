// SPDX-License-Identifier: Apache-2.0
// Requests of commands to a machine.
#include "hv/cli/machine_client.h"

#include <fmt/format.h>

#include "hv/core/json_text.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"

namespace hv {

Result<MachineClient> MachineClient::find(const std::string& run_directory, const std::string& name) {
    TRY(const RunBase base, RunBase::open(run_directory));
    TRY(std::string socket, find_machine_socket(base, name));
    return MachineClient(name, std::move(socket));
}

Result<std::string> MachineClient::request(const char* method, const std::string& path, const std::string& body,
                                           int limit_ms) const {
    auto answer = http_request(socket_, method, path, body, limit_ms);
    if (!answer) answer.error().message = fmt::format("machine '{}': {}", name_, answer.error().message);
    return answer;
}

Result<Json> MachineClient::get(const std::string& path, int limit_ms) const {
    TRY(const std::string text, request("GET", path, {}, limit_ms));
    Json answer = parse_json(text).value_or(nullptr);
    if (!answer.is_object())
        return fail(ErrorKind::internal, fmt::format("machine '{}': its answer is not JSON", name_));
    return answer;
}

Result<> MachineClient::send(const char* method, const std::string& path, const Json& body) const {
    TRY(const std::string text, request(method, path, body.dump()));
    return {};
}

std::string text_of(const Json& answer, const char* key) {
    const Json& text = member_of(answer, key);
    return text.is_string() ? text.get<std::string>() : std::string();
}

std::uint64_t number_of(const Json& answer, const char* key) {
    const Json& number = member_of(answer, key);
    return number.is_number_unsigned() ? number.get<std::uint64_t>() : 0;
}

std::string size_text(std::uint64_t bytes) {
    constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
    return fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace hv
