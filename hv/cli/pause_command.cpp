// SPDX-License-Identifier: Apache-2.0
// hv pause, resume.
#include <fmt/format.h>

#include <memory>

#include "hv/api/http_client.h"
#include "hv/cli/commands.h"
#include "hv/core/log.h"
#include "hv/machine/machine_life.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

struct PauseOptions {
    std::vector<std::string> names;
    std::string run_directory;
};

/// The request to each of the machines; the last error is the command's, those before are told.
Result<int> ask_all(const PauseOptions& options, const char* method, const char* path, const char* body) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    std::optional<Error> last;
    for (const std::string& name : options.names) {
        auto socket = find_machine_socket(base, name);
        const Result<std::string> done = socket ? http_request(*socket, method, path, body)
                                                : Result<std::string>(std::unexpected(std::move(socket).error()));
        if (done) continue;
        if (last) log_line(last->message);
        last = done.error();
        if (!last->message.contains(name)) last->message = fmt::format("machine '{}': {}", name, last->message);
    }
    if (last) return std::unexpected(std::move(*last));
    return 0;
}

CommandAction add(Command& command, const char* method, const char* path, const char* body) {
    const auto options = std::make_shared<PauseOptions>();
    command.option("NAME", options->names, "The machines").required();
    command.run_directory(options->run_directory);
    return [=] { return ask_all(*options, method, path, body); };
}

}  // namespace

CommandAction add_pause(Command& pause, std::uint64_t) { return add(pause, "PATCH", "/vm", R"({"state": "Paused"})"); }

CommandAction add_resume(Command& resume, std::uint64_t) {
    return add(resume, "PATCH", "/vm", R"({"state": "Resumed"})");
}

}  // namespace hv
