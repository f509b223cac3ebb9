// SPDX-License-Identifier: Apache-2.0
// Finding and asking machines.
#include "hv/supervise/target.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "hv/api/http_client.h"
#include "hv/core/log.h"
#include "hv/machine/machine_files.h"
#include "hv/supervise/agent_request.h"

namespace hv {

namespace {
constexpr int request_limit_ms = 1000;
}

Result<Target> Target::find(const RunBase& base, const std::string& name) {
    TRY(MachineEnd end, MachineEnd::of(base, name));
    return Target{
        .name = name, .base = base.path(), .directory = base.path_of(name), .end = std::move(end), .agent = {}};
}

Result<> Target::ask_guest(const char* action) const {
    CHECK(http_request(directory + "/" + api_socket, "PUT", "/actions",
                       fmt::format(R"({{"action_type": "{}"}})", action), request_limit_ms));
    return {};
}

bool Target::has_agent() const { return access((directory + "/" + agent_socket).c_str(), F_OK) == 0; }

bool Target::ask_agent(const char* mode) {
    agent = ask_agent_to_shut_down(directory, mode);
    return static_cast<bool>(agent);
}

void Errors::add(Error error) {
    if (last_) log_line(last_->message);
    last_ = std::move(error);
}

Result<> Errors::result() && {
    if (last_) return std::unexpected(std::move(*last_));
    return {};
}

std::vector<Target> find_targets(const RunBase& base, const std::vector<std::string>& names, Errors& errors) {
    std::vector<Target> targets;
    for (const std::string& name : names) {
        if (std::ranges::find(targets, name, &Target::name) != targets.end()) continue;
        auto target = Target::find(base, name);
        if (target)
            targets.push_back(std::move(*target));
        else
            errors.add(std::move(target).error());
    }
    return targets;
}

}  // namespace hv
