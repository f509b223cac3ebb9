// SPDX-License-Identifier: Apache-2.0
// Who may still reserve memory: the balancer's control socket, and hv run's question to it.
#include <fmt/format.h>

#include "hv/balance/balancer.h"
#include "hv/core/host_clock.h"
#include "hv/core/json_text.h"
#include "hv/core/text_file.h"
#include "hv/machine/run_directory.h"

namespace hv::balance {

namespace {

using Json = nlohmann::ordered_json;

/// So long a machine that was promised memory may take until it answers.
constexpr std::uint64_t promise_ms = 10'000;
constexpr int ask_limit_ms = 2000;
constexpr std::uint64_t mib = 1 << 20;
/// No machine is larger, and sums of thousands still fit.
constexpr std::uint64_t largest = 1ULL << 50;

}  // namespace

HttpResponse Balancer::answer(const HttpRequest& request) {
    if (request.path == "/balance" && request.method == "GET") return describe();
    if (request.path == "/reservations" && request.method == "PUT") return reserve(request);
    return http_fault(404, fmt::format("{} {}: not something that hv balance answers", request.method, request.path));
}

/// What all machines can have: what they have, and what is left.
std::uint64_t Balancer::budget() const { return options_.budget ? last_host_.total : last_host_.available + resident_; }

std::uint64_t Balancer::reserved_except(const std::string& machine) const {
    std::uint64_t sum = 0;
    for (const auto& [name, known] : machines_)
        if (name != machine) sum += known.reservation;
    for (const auto& [name, promise] : promises_)
        if (name != machine) sum += promise.bytes;
    return sum;
}

HttpResponse Balancer::describe() const {
    Json machines = Json::array();
    for (const auto& [name, known] : machines_)
        if (known.answered)
            machines.push_back(
                {{"name", name}, {"reservation_bytes", known.reservation}, {"skipped", known.failures != 0}});
    return {200, Json{{"budget_bytes", budget()},
                      {"reserved_bytes", reserved_except("")},
                      {"total_bytes", last_host_.total},
                      {"available_bytes", last_host_.available},
                      {"resident_bytes", resident_},
                      {"under_pressure", policy_.under_pressure()},
                      {"machines", machines},
                      {"last_decisions", last_lines_}}
                     .dump(-1, ' ', false, Json::error_handler_t::replace)};
}

HttpResponse Balancer::reserve(const HttpRequest& request) {
    const Json body = parse_json(request.body).value_or(nullptr);
    if (!body.is_object() || !body.contains("machine") || !body["machine"].is_string() || !body.contains("bytes") ||
        !body["bytes"].is_number_unsigned() || body["bytes"].get<std::uint64_t>() > largest ||
        !is_machine_name(body["machine"].get<std::string>()))
        return http_fault(400, "the body is not {\"machine\": NAME, \"bytes\": N}");
    const auto machine = body["machine"].get<std::string>();
    const auto bytes = body["bytes"].get<std::uint64_t>();
    const std::uint64_t reserved = reserved_except(machine);
    if (reserved + bytes > budget())
        return http_fault(
            409, fmt::format("{} MiB cannot be reserved: of the budget of {} MiB, {} MiB are reserved for other "
                             "machines",
                             bytes / mib, budget() / mib, reserved / mib));
    promises_[machine] = {bytes, host_monotonic_ms() + promise_ms};
    return {204, {}};
}

Result<> ask_for_reservation(const std::string& run_base, const std::string& machine, std::uint64_t bytes) {
    const Question question{balance_socket(run_base), "PUT", "/reservations",
                            Json{{"machine", machine}, {"bytes", bytes}}.dump()};
    const Answer answer = ask(std::span(&question, 1), ask_limit_ms).front();
    if (answer.ok()) return {};
    const auto refuse = [&machine](const std::string& why) {
        return fail(ErrorKind::no_memory,
                    fmt::format("machine '{}': --memory-reservation: {} (lower it, or stop a machine)", machine, why));
    };
    if (answer.status != 0) {
        const Json body = parse_json(answer.body).value_or(nullptr);
        const bool said = body.is_object() && body.contains("fault_message") && body["fault_message"].is_string();
        return refuse(said ? body["fault_message"].get<std::string>() : "hv balance refuses it");
    }
    if (!answer.absent()) return refuse(fmt::format("hv balance does not answer: {}", answer.error));
    // Nobody keeps the books: only what cannot be true at all is refused.
    TRY(const std::string text, read_text_file("/proc/meminfo"));
    TRY(const MemoryInfo info, parse_memory_info(text));
    if (bytes > info.available)
        return refuse(
            fmt::format("the host has {} MiB available, {} MiB are asked for", info.available / mib, bytes / mib));
    return {};
}

}  // namespace hv::balance
