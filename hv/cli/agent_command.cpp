// SPDX-License-Identifier: Apache-2.0
// hv agent: one command for a guest's agent.
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <memory>

#include "hv/api/agent_client.h"
#include "hv/cli/commands.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/output.h"
#include "hv/core/json_text.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_base.h"

namespace hv {

namespace {

constexpr char footer[] =
    "The command is one of the QEMU Guest Agent's, or one of Tenon's own (docs/agent.md); guest-info lists them.\n"
    "Its arguments are a JSON object:  hv agent NAME guest-shutdown '{\"mode\": \"reboot\"}'\n"
    "hv prints the answer as JSON.";

struct AgentOptions {
    std::string name;
    std::string command;
    std::string arguments;
    std::string run_directory;
    unsigned limit_ms = 5000;
};

/// Why no agent can answer now, whatever time it is given.
Result<> check_machine(const MachineClient& machine, const Deadline& deadline) {
    const auto stats = machine.get("/stats", deadline.left_ms());
    if (!stats && stats.error().kind == ErrorKind::killed)
        return fail(ErrorKind::killed, fmt::format("machine '{0}': its hv did not answer within {1} ms (hv kill {0})",
                                                   machine.name(), deadline.limit().count()));
    // Between two lives, or at its end.
    if (!stats) return {};
    const Json& state = member_of(*stats, "machine");
    if (text_of(state, "state") == "Paused")
        return fail(ErrorKind::usage,
                    fmt::format("machine '{0}': it is paused, and its agent with it (hv resume {0})", machine.name()));
    if (text_of(state, "agent") == "none")
        return fail(
            ErrorKind::not_found,
            fmt::format("machine '{}': its image has no agent (build it with the feature 'agent')", machine.name()));
    return {};
}

/// A machine that has just been started has an agent some milliseconds later.
Result<AgentClient> connect_to_agent(const AgentOptions& options, const Deadline& deadline) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(const MachineClient machine, MachineClient::find(options.run_directory, options.name));
    for (int step_ms = 1;; step_ms = std::min(step_ms * 2, 20)) {
        if (deadline.passed())
            return fail(ErrorKind::killed,
                        fmt::format("machine '{}': its agent has not opened its port within {} ms (has "
                                    "its image the feature 'agent'?)",
                                    options.name, options.limit_ms));
        CHECK(check_machine(machine, deadline));
        // Where the machine has ended meanwhile, that is the error.
        TRY(const std::string socket, find_agent_socket(base, options.name));
        auto client = AgentClient::connect(socket, fmt::format("machine '{}'", options.name), deadline);
        if (client || client.error().kind != ErrorKind::not_found) return client;
        poll(nullptr, 0, step_ms);
    }
}

Result<int> agent_command(const AgentOptions& options) {
    Json arguments;
    if (!options.arguments.empty()) {
        arguments = parse_json(options.arguments).value_or(nullptr);
        if (!arguments.is_object())
            return fail(ErrorKind::usage,
                        fmt::format("arguments '{}': not a JSON object, as in '{{\"id\": 1}}'", options.arguments));
    }
    TRY(AgentClient client, connect_to_agent(options, Deadline(std::chrono::milliseconds(options.limit_ms))));
    if (options.command == "guest-shutdown") {
        CHECK(client.tell(options.command, arguments));
        return 0;
    }
    TRY(const Json result, client.call(options.command, arguments));
    CHECK(print(printed_json(result) + "\n"));
    return 0;
}

}  // namespace

CommandAction add_agent(Command& agent, std::uint64_t) {
    const auto options = std::make_shared<AgentOptions>();
    agent.footer(footer);
    agent.option("NAME", options->name, "The machine").required();
    agent.option("AGENT-COMMAND", options->command, "As in guest-ping").required();
    agent.option("ARGUMENTS", options->arguments, "A JSON object").takes("JSON");
    agent.option("--timeout", options->limit_ms, "How long to wait for the answer")
        .takes("MS")
        .within(1U, 600'000U)
        .show_default();
    agent.json_only();
    agent.run_directory(options->run_directory);
    return [options] { return agent_command(*options); };
}

}  // namespace hv
