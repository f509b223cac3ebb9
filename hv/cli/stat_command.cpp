// SPDX-License-Identifier: Apache-2.0
// hv stat: a running machine's counters.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "hv/api/http_client.h"
#include "hv/cli/commands.h"
#include "hv/core/json_text.h"
#include "hv/core/printable.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

std::string value_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// A line for each value: "net.tx_bytes  1234", "disk.vda.reads  5".
void print_table(const Json& stats, const std::string& prefix = {}) {
    for (const auto& [key, value] : stats.items()) {
        if (value.is_object())
            print_table(value, prefix + key + ".");
        else
            std::fputs(fmt::format("{:<32} {}\n", printable(prefix + key), printable(value_text(value))).c_str(),
                       stdout);
    }
}

struct StatOptions {
    std::string name;
    std::string run_directory;
    bool json = false;
};

Result<int> stat_command(const StatOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(const std::string socket, find_machine_socket(base, options.name));
    TRY(const std::string body, http_get(socket, "/stats"));
    const Json stats = parse_json(body).value_or(nullptr);
    if (!stats.is_object())
        return fail(ErrorKind::internal, fmt::format("machine '{}': its answer is not JSON", options.name));
    if (options.json)
        std::puts(stats.dump(2).c_str());
    else
        print_table(stats);
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ErrorKind::internal);
}

}  // namespace

CommandAction add_stat(Command& stat, std::uint64_t) {
    const auto options = std::make_shared<StatOptions>();
    stat.option("NAME", options->name, "The machine").required();
    stat.format(options->json);
    stat.run_directory(options->run_directory);
    return [options] { return stat_command(*options); };
}

}  // namespace hv
