// SPDX-License-Identifier: Apache-2.0
// hv memory: where a machine's memory is. hv reclaim: having it give back what it can.
#include <fmt/format.h>

#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/output.h"
#include "hv/core/json_text.h"
#include "hv/core/process_memory.h"

namespace hv {

namespace {

struct MemoryCommandOptions {
    std::string name;
    std::string run_directory;
    bool json = false;
};

/// The proportional set size of the machine's processes. Nothing if this user may not read it.
std::optional<std::uint64_t> proportional_bytes(const Json& processes) {
    std::uint64_t sum = 0;
    for (const Json& process : processes) {
        const auto bytes = proportional_set(process.is_number_integer() ? process.get<pid_t>() : 0);
        if (!bytes) return std::nullopt;
        sum += *bytes;
    }
    return sum;
}

std::string memory_text(const Json& memory) {
    std::string text;
    const auto line = [&text](const char* name, const Json& bytes, std::string_view meaning) {
        const std::string value = bytes.is_number_unsigned() ? size_text(bytes.get<std::uint64_t>()) : "unknown";
        text += fmt::format("{:<16}{:>12}   {}\n", name, value, meaning);
    };
    line("configured", member_of(memory, "configured_bytes"), "what the guest may use");
    line("resident", member_of(memory, "resident_bytes"), "of all processes of the machine, in the host's memory");
    line("  of it guest", member_of(memory, "guest_resident_bytes"), "the process that has the guest's memory");
    if (const Json& helper = member_of(memory, "network_helper"); helper.is_object())
        line("  of it network", member_of(helper, "resident_bytes"), "the user-mode network's process");
    line("swapped", member_of(memory, "swapped_bytes"),
         "of the process that has the guest's memory, in the host's swap");
    line("ballooned", member_of(memory, "ballooned_bytes"),
         fmt::format("given back; requested: {}", size_text(number_of(memory, "balloon_target_bytes"))));
    line("zero-shared", member_of(memory, "zero_shared_bytes"),
         "in use and all zeros, given back; reported by the guest");
    line("proportional", member_of(memory, "proportional_bytes"),
         "of all processes; a page shared with others counts in parts");
    const Json& guest = member_of(memory, "guest");
    if (!guest.is_object()) return text;
    const double age_seconds = static_cast<double>(number_of(guest, "age_ms")) / 1000;
    const std::string age = fmt::format("reported by the guest {:.1f} s ago", age_seconds);
    line("guest free", member_of(guest, "free_bytes"), age);
    line("available", member_of(guest, "available_bytes"), "the same, and caches that it could free");
    return text;
}

Result<int> memory_command(const MemoryCommandOptions& options) {
    TRY(const MachineClient machine, MachineClient::find(options.run_directory, options.name));
    TRY(Json memory, machine.get("/memory"));
    Json processes = member_of(memory, "processes");
    if (!processes.is_array()) processes = Json::array();
    if (const Json& helper = member_of(memory, "network_helper"); helper.is_object())
        processes.push_back(member_of(helper, "process"));
    const auto proportional = proportional_bytes(processes);
    memory["proportional_bytes"] = proportional ? Json(*proportional) : Json(nullptr);
    CHECK(print(options.json ? printed_json(memory) + "\n" : memory_text(memory)));
    return 0;
}

Result<int> reclaim_command(const MemoryCommandOptions& options) {
    TRY(const MachineClient machine, MachineClient::find(options.run_directory, options.name));
    CHECK(machine.send("PUT", "/memory/reclaim", Json::object()));
    return 0;
}

}  // namespace

CommandAction add_memory(Command& memory, std::uint64_t) {
    const auto options = std::make_shared<MemoryCommandOptions>();
    memory.option("NAME", options->name, "The machine").required();
    memory.format(options->json, "As JSON, in bytes, with the guest's counters");
    memory.run_directory(options->run_directory);
    return [options] { return memory_command(*options); };
}

CommandAction add_reclaim(Command& reclaim, std::uint64_t) {
    const auto options = std::make_shared<MemoryCommandOptions>();
    reclaim.option("NAME", options->name, "The machine").required();
    reclaim.run_directory(options->run_directory);
    return [options] { return reclaim_command(*options); };
}

}  // namespace hv
