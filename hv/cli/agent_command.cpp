// SPDX-License-Identifier: Apache-2.0
// hv agent: one command for a guest's agent.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "hv/api/agent_client.h"
#include "hv/cli/commands.h"
#include "hv/core/json_text.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"

namespace hv {

namespace {

using Json = AgentClient::Json;

constexpr char footer[] =
    "The command is one of the QEMU Guest Agent's, or one of Tenon's own (docs/agent.md); guest-info lists them.\n"
    "Its arguments are a JSON object:  hv agent NAME guest-shutdown '{\"mode\": \"reboot\"}'\n"
    "What it returns is printed as JSON.";

struct AgentOptions {
    std::string name;
    std::string command;
    std::string arguments;
    std::string run_directory;
    unsigned limit_ms = 5000;
};

Result<int> agent_command(const AgentOptions& options) {
    Json arguments;
    if (!options.arguments.empty()) {
        arguments = parse_json(options.arguments).value_or(nullptr);
        if (!arguments.is_object())
            return fail(ErrorKind::usage,
                        fmt::format("arguments '{}': not a JSON object, as in '{{\"id\": 1}}'", options.arguments));
    }
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(const std::string socket, find_agent_socket(base, options.name));
    TRY(AgentClient client, AgentClient::connect(socket, std::chrono::milliseconds(options.limit_ms)));
    if (options.command == "guest-shutdown") {
        CHECK(client.tell(options.command, arguments));
        return 0;
    }
    TRY(const Json result, client.call(options.command, arguments));
    // What is not ASCII is escaped: all of it is the guest's, and a terminal would obey some of it.
    std::puts(result.dump(2, ' ', true, Json::error_handler_t::replace).c_str());
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ErrorKind::internal);
}

}  // namespace

CommandAction add_agent(Command& agent, std::uint64_t) {
    const auto options = std::make_shared<AgentOptions>();
    agent.footer(footer);
    agent.option("NAME", options->name, "The machine").required();
    agent.option("COMMAND", options->command, "As in guest-ping").required();
    agent.option("ARGUMENTS", options->arguments, "A JSON object").takes("JSON");
    agent.option("--timeout", options->limit_ms, "How long to wait for an answer")
        .takes("MS")
        .within(1U, 600'000U)
        .show_default();
    agent.json_only();
    agent.run_directory(options->run_directory);
    return [options] { return agent_command(*options); };
}

}  // namespace hv
