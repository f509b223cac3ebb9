// SPDX-License-Identifier: Apache-2.0
// The options of `hv run` about the machine's memory.
#include <string>

#include "hv/cli/run_options.h"
#include "hv/cli/values.h"

namespace hv {

void add_memory_options(Command& run, MemoryOptions& options) {
    run.option("--memory", options.memory, "Memory of the machine, at least 8M").takes("SIZE").defaults_to("64M");
    run.option(
           "--memory-reservation", options.reservation,
           "Memory that the machine keeps in any case; a reservation below the limit lets `hv balance` take the rest")
        .takes("SIZE")
        .defaults_to("the limit");
    run.option("--memory-limit", options.limit, "Most memory that the machine may use")
        .takes("SIZE")
        .defaults_to("its memory");
    run.option("--memory-shares", options.shares, "Weight among machines that compete for memory")
        .takes("N")
        .within(1U, maximum_memory_shares)
        .defaults_to(std::to_string(default_memory_shares));
    run.option("--memory-cgroup", options.cgroup,
               "Memory cgroup that enforces the limit: made beside hv's own, or in the cgroup PATH")
        .takes("auto|none|PATH")
        .defaults_to("auto with --memory-limit, else none");
    run.flag("--ksm", options.ksm, "Let the host merge identical pages with other machines' (a side channel)");
    run.flag("--private-memory", options.private_memory, "Share no page of memory with other machines");
}

Result<> apply_memory_options(const MemoryOptions& options, MachineConfig& config) {
    MemoryPolicy& policy = config.memory_policy;
    if (!options.memory.empty()) {
        TRY(config.memory_bytes, parse_memory(options.memory));
    }
    if (!options.reservation.empty()) {
        TRY(policy.reservation, parse_mebibytes("--memory-reservation", options.reservation));
    }
    if (!options.limit.empty()) {
        TRY(policy.limit, parse_mebibytes("--memory-limit", options.limit));
    }
    if (options.shares != 0) policy.shares = options.shares;
    if (!options.cgroup.empty()) policy.cgroup = options.cgroup;
    if (options.ksm) policy.ksm = true;
    if (options.private_memory) policy.private_memory = true;
    return {};
}

}  // namespace hv
