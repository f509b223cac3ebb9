// SPDX-License-Identifier: Apache-2.0
// Commands to find out whether there is an agent, and what it supports.
#include "tools-agent/commands/all.h"

namespace tenon::tools {

Reply sync(Context&, const Json& arguments) { return arguments.at("id"); }

Reply ping(Context&, const Json&) { return Json::object(); }

Reply info(Context&, const Json&) {
    Json list = Json::array();
    for (const Command& command : commands())
        list.push_back({{"name", command.name}, {"enabled", true}, {"success-response", command.answers_success}});
    return Json{{"version", protocol_version}, {"supported_commands", std::move(list)}};
}

}  // namespace tenon::tools
