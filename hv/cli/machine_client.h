// SPDX-License-Identifier: Apache-2.0
// How commands talk to a running machine.
#pragma once

#include <string>

#include "hv/api/http_client.h"
#include "hv/core/error.h"
#include "hv/core/json_section.h"

namespace hv {

/// A machine by its name, in a directory of running machines.
class MachineClient {
public:
    /// `run_directory` empty: the default one. Errors: not_found.
    static Result<MachineClient> find(const std::string& run_directory, const std::string& name);

    /// The object that the machine answers. Errors: those of http_request, with the machine's name; internal (no
    /// object).
    [[nodiscard]] Result<Json> get(const std::string& path, int limit_ms = http_time_limit_ms) const;
    /// A request with a body, whose answer is empty.
    [[nodiscard]] Result<> send(const char* method, const std::string& path, const Json& body) const;
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    MachineClient(std::string name, std::string socket) : name_(std::move(name)), socket_(std::move(socket)) {}
    [[nodiscard]] Result<std::string> request(const char* method, const std::string& path, const std::string& body,
                                              int limit_ms = http_time_limit_ms) const;

    std::string name_;
    std::string socket_;
};

/// A text of an answer; empty where it is missing.
[[nodiscard]] std::string text_of(const Json& answer, const char* key);
/// A number of an answer; 0 where it is missing.
[[nodiscard]] std::uint64_t number_of(const Json& answer, const char* key);

/// "12.5 MiB"; whole below a KiB.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace hv
