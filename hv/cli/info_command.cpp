// SPDX-License-Identifier: Apache-2.0
// hv info: all that is known of a machine.
#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/info_text.h"
#include "hv/cli/output.h"
#include "hv/core/json_section.h"
#include "hv/core/json_text.h"
#include "hv/supervise/machine_info.h"

namespace hv {

namespace {

struct InfoOptions {
    std::string name;
    std::string run_directory;
    bool json = false;
};

Result<int> info_command(const InfoOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(const MachineView view, view_machine(base, options.name));
    const Json info = machine_info(view);
    CHECK(print(options.json ? printed_json(info) + "\n" : info_text(info)));
    return 0;
}

}  // namespace

CommandAction add_info(Command& info, std::uint64_t) {
    const auto options = std::make_shared<InfoOptions>();
    info.option("NAME", options->name, "The machine").required();
    info.format(options->json);
    info.run_directory(options->run_directory);
    return [options] { return info_command(*options); };
}

}  // namespace hv
