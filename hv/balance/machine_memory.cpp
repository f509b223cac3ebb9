// SPDX-License-Identifier: Apache-2.0
// Reading the answer to GET /memory.
#include "hv/balance/machine_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "hv/core/json_text.h"

namespace hv::balance {

namespace {

using Json = nlohmann::ordered_json;

/// Larger than any machine; sums of thousands still fit.
constexpr std::uint64_t largest = 1ULL << 50;
constexpr std::size_t most_processes = 8;

/// A number of the object, cut to what can be reckoned with; 0 if it is not there.
std::uint64_t number(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned()) return 0;
    return std::min(found->get<std::uint64_t>(), largest);
}

bool flag(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<GuestSample> guest_of(const Json& answer) {
    const auto found = answer.find("guest");
    if (found == answer.end() || !found->is_object() || !found->contains("total_bytes")) return std::nullopt;
    return GuestSample{.free = number(*found, "free_bytes"),
                       .available = number(*found, "available_bytes"),
                       .total = number(*found, "total_bytes"),
                       .caches = number(*found, "caches_bytes"),
                       .age_ms = number(*found, "age_ms")};
}

std::vector<pid_t> processes_of(const Json& answer) {
    std::vector<pid_t> result;
    const auto found = answer.find("processes");
    if (found == answer.end() || !found->is_array()) return result;
    for (const Json& id : *found)
        if (result.size() < most_processes && id.is_number_unsigned() && id.get<std::uint64_t>() > 1 &&
            id.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max()))
            result.push_back(id.get<pid_t>());
    return result;
}

}  // namespace

Result<MachineMemory> parse_machine_memory(const std::string& name, std::string_view text) {
    const auto refuse = [&name](std::string_view why) {
        return fail(ErrorKind::internal, fmt::format("machine '{}': its answer {}", name, why));
    };
    const auto parsed = parse_json(text, {.bytes = answer_limit, .depth = nesting_limit});
    if (!parsed) return refuse(parsed.error().message);
    const Json& answer = *parsed;
    if (!answer.is_object()) return refuse("is not a JSON object");

    MachineMemory memory;
    MachineSample& sample = memory.sample;
    sample.name = name;
    sample.configured = number(answer, "configured_bytes");
    if (sample.configured == 0) return refuse("names no memory");
    sample.resident = number(answer, "guest_resident_bytes");
    sample.swapped = number(answer, "swapped_bytes");
    sample.ballooned = std::min(number(answer, "ballooned_bytes"), sample.configured);
    sample.balloon_target = std::min(number(answer, "balloon_target_bytes"), sample.configured);
    // A machine that says nothing of its policy is not overcommitted.
    sample.limit =
        answer.contains("limit_bytes") ? std::min(number(answer, "limit_bytes"), sample.configured) : sample.configured;
    sample.reservation = answer.contains("reservation_bytes")
                             ? std::min(number(answer, "reservation_bytes"), sample.limit)
                             : sample.limit;
    sample.shares = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(number(answer, "shares"), 1, 1'000'000));
    sample.ksm = flag(answer, "ksm");
    sample.private_memory = flag(answer, "private_memory");
    sample.overcommit = flag(answer, "overcommit") && sample.reservation < sample.limit;
    sample.guest = guest_of(answer);
    memory.processes = processes_of(answer);
    return memory;
}

}  // namespace hv::balance
