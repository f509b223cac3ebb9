// SPDX-License-Identifier: Apache-2.0
// hv start: machines that have ended and are kept, with the configuration that they had.
#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/machine_services.h"
#include "hv/cli/output.h"
#include "hv/core/log.h"
#include "hv/core/open_file_limit.h"
#include "hv/supervise/supervised_start.h"

namespace hv {

namespace {

struct StartOptions {
    std::vector<std::string> names;
    std::string run_directory;
};

/// Each in its turn; the last failure is the command's.
Result<int> start_command(const StartOptions& options) {
    const SuperviseOptions supervision{.services = machine_services(), .again = true, .detached = true};
    TRY(const RunBase base, RunBase::open(options.run_directory));
    CHECK(raise_open_file_limit());
    int code = 0;
    for (const std::string& name : options.names) {
        const auto started = start_again(base, name, supervision);
        if (started) {
            CHECK(print(name + "\n"));
            continue;
        }
        // Where the message is empty the machine's hv has told it.
        if (!started.error().message.empty()) log_line(started.error().message);
        code = static_cast<int>(started.error().kind);
    }
    return code;
}

}  // namespace

CommandAction add_start(Command& start, std::uint64_t) {
    const auto options = std::make_shared<StartOptions>();
    start.option("NAME", options->names, "The machines").required();
    start.run_directory(options->run_directory);
    return [options] { return start_command(*options); };
}

}  // namespace hv
