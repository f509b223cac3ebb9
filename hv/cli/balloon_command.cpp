// SPDX-License-Identifier: Apache-2.0
// hv balloon: the size of a machine's balloon.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "hv/cli/commands.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/output.h"
#include "hv/cli/values.h"
#include "hv/core/deadline.h"
#include "hv/core/json_text.h"

namespace hv {

namespace {

constexpr std::uint64_t page_size = 4096;
constexpr std::uint64_t mebibyte = 1 << 20;
constexpr auto look_interval = std::chrono::milliseconds(50);
constexpr std::uint64_t default_wait_s = 60;

struct BalloonCommandOptions {
    std::string name;
    std::string size;
    std::string run_directory;
    bool wait = false;
    bool json = false;
    std::uint64_t timeout_s = default_wait_s;
};

struct BalloonSize {
    std::uint64_t target_pages, actual_pages;

    static Result<BalloonSize> of(const MachineClient& machine) {
        TRY(const Json answer, machine.get("/balloon/statistics"));
        return BalloonSize{number_of(answer, "target_pages"), number_of(answer, "actual_pages")};
    }
    [[nodiscard]] bool reached() const { return target_pages == actual_pages; }
    [[nodiscard]] std::string text() const {
        return fmt::format("target {}, actual {}", size_text(target_pages * page_size),
                           size_text(actual_pages * page_size));
    }
};

Result<> set_size(const MachineClient& machine, const std::string& text) {
    TRY(const std::uint64_t bytes, parse_size(text));
    if (bytes % mebibyte != 0)
        return fail(ErrorKind::usage, fmt::format("balloon size '{}': not a multiple of 1M", text));
    TRY(const Json stats, machine.get("/stats"));
    if (const std::uint64_t memory = number_of(member_of(stats, "machine"), "memory_bytes");
        memory != 0 && bytes > memory)
        return fail(ErrorKind::usage, fmt::format("balloon size '{}': machine '{}' has {} of memory", text,
                                                  machine.name(), size_text(memory)));
    return machine.send("PATCH", "/balloon", {{"amount_mib", bytes / mebibyte}});
}

/// Shows how far it is, where somebody looks, until the balloon has its size.
Result<> wait_until_reached(const MachineClient& machine, std::uint64_t timeout_s) {
    const bool is_terminal = isatty(STDERR_FILENO) != 0;
    const Deadline deadline{std::chrono::seconds(timeout_s)};
    for (;;) {
        TRY(const BalloonSize size, BalloonSize::of(machine));
        if (is_terminal)
            std::fputs(fmt::format("\r{}\033[K{}", size.text(), size.reached() ? "\n" : "").c_str(), stderr);
        if (size.reached()) return {};
        if (deadline.passed())
            return fail(
                ErrorKind::killed,
                fmt::format("machine '{}': the balloon has not reached its size after {} s ({}): the guest has no "
                            "more to give, is paused, or has no balloon driver",
                            machine.name(), timeout_s, size.text()));
        std::this_thread::sleep_for(look_interval);
    }
}

Result<int> balloon_command(const BalloonCommandOptions& options) {
    TRY(const MachineClient machine, MachineClient::find(options.run_directory, options.name));
    if (!options.size.empty()) CHECK(set_size(machine, options.size));
    if (options.wait) CHECK(wait_until_reached(machine, options.timeout_s));
    if (options.size.empty() || options.wait) {
        TRY(const BalloonSize size, BalloonSize::of(machine));
        const Json json = {{"target_bytes", size.target_pages * page_size},
                           {"actual_bytes", size.actual_pages * page_size}};
        CHECK(print((options.json ? printed_json(json) : size.text()) + "\n"));
    }
    return 0;
}

}  // namespace

CommandAction add_balloon(Command& balloon, std::uint64_t) {
    const auto options = std::make_shared<BalloonCommandOptions>();
    balloon.option("NAME", options->name, "The machine").required();
    balloon.option("SIZE", options->size,
                   "Memory that the guest shall give back, in whole M; without SIZE hv prints the size of the balloon");
    balloon.flag("--wait", options->wait, "Wait until the balloon has its size");
    balloon.option("--timeout", options->timeout_s, "Longest time to wait")
        .takes("SECONDS")
        .within(1, 86400)
        .show_default();
    balloon.format(options->json);
    balloon.run_directory(options->run_directory);
    return [options] { return balloon_command(*options); };
}

}  // namespace hv
