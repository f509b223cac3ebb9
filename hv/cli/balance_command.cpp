// SPDX-License-Identifier: Apache-2.0
// hv balance: balances the memory of all machines.
#include <memory>

#include "hv/balance/balancer.h"
#include "hv/cli/commands.h"
#include "hv/cli/values.h"
#include "hv/machine/run_directory.h"

namespace hv {

namespace {

struct Options {
    std::string budget;
    balance::BalanceOptions options;
};

constexpr char footer[] =
    "Machines are overcommitted one by one, with `hv run --memory-reservation`; the others keep what they have.\n"
    "Each decision is a line with its reason. Ctrl-C ends hv balance: balloons keep their sizes, or with --restore "
    "get\n"
    "back the sizes that they had at first.";

Result<int> balance_command(Options& given) {
    if (!given.budget.empty()) {
        TRY(given.options.budget, parse_mebibytes("--budget", given.budget));
    }
    if (given.options.run_base.empty()) given.options.run_base = default_run_base();
    TRY(const auto balancer, balance::Balancer::create(given.options));
    return balancer->run();
}

}  // namespace

CommandAction add_balance(Command& command, std::uint64_t) {
    const auto given = std::make_shared<Options>();
    balance::BalanceOptions& options = given->options;
    command.footer(footer);
    command.option("--budget", given->budget, "Memory for all machines together")
        .takes("SIZE")
        .defaults_to("the free memory of the host");
    command.option("--cgroup", options.cgroup, "Memory cgroup whose limit is the budget, and whose memory counts")
        .takes("PATH");
    command.option("--interval", options.interval_ms, "Time between two rounds")
        .takes("MS")
        .within(100U, 60'000U)
        .show_default();
    command
        .option("--give-back-after", options.give_back_after_ms,
                "How long pressure must be over before balloons shrink")
        .takes("MS")
        .within(0U, 600'000U)
        .show_default();
    command.flag("--dry-run", options.dry_run, "Print the decisions, and do nothing");
    command.flag("--once", options.once, "End after one round");
    command.flag("--restore", options.restore, "At the end, give balloons their first sizes back");
    command.format(options.json, "A JSON object on each line");
    command.run_directory(options.run_base);
    return [given] { return balance_command(*given); };
}

}  // namespace hv
