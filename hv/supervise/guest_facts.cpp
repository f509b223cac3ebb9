// SPDX-License-Identifier: Apache-2.0
// Asking an agent, and believing only the form of its answers.
#include "hv/supervise/guest_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "hv/api/agent_client.h"
#include "hv/core/printable.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_text = 256;
constexpr std::size_t most_entries = 32;

using Keys = std::initializer_list<std::pair<const char*, const char*>>;

const Json* member(const Json& json, const char* key) {
    if (!json.is_object()) return nullptr;
    const auto found = json.find(key);
    return found == json.end() ? nullptr : &*found;
}

/// A string, for a person's terminal.
std::string shown(const Json& text) { return printable(text.get_ref<const std::string&>(), longest_text); }

/// Keys of the protocol to ours, where there is a text.
void take_texts(Json& into, const Json& from, Keys keys) {
    for (const auto& [theirs, ours] : keys)
        if (const Json* value = member(from, theirs); value != nullptr && value->is_string())
            into[ours] = shown(*value);
}

/// The same, where there is a number.
void take_numbers(Json& into, const Json& from, Keys keys) {
    for (const auto& [theirs, ours] : keys)
        if (const Json* value = member(from, theirs); value != nullptr && value->is_number()) into[ours] = *value;
}

/// One object for each of a list's first entries.
template <typename Read>
Json each(const Json& list, Read&& read) {
    Json result = Json::array();
    if (!list.is_array()) return result;
    for (std::size_t i = 0; i < std::min(list.size(), most_entries); ++i)
        if (list[i].is_object()) result.push_back(read(list[i]));
    return result;
}

Json address_of(const Json& from) {
    const Json* text = member(from, "ip-address");
    const Json* prefix = member(from, "prefix");
    if (text == nullptr || !text->is_string() || prefix == nullptr || !prefix->is_number_unsigned()) return "unknown";
    return fmt::format("{}/{}", shown(*text), prefix->get<std::uint64_t>());
}

Json interface_of(const Json& from) {
    Json interface = Json::object();
    take_texts(interface, from, {{"name", "name"}, {"hardware-address", "mac"}});
    if (const Json* addresses = member(from, "ip-addresses")) interface["addresses"] = each(*addresses, address_of);
    if (const Json* counted = member(from, "statistics"))
        take_numbers(interface, *counted,
                     {{"rx-bytes", "rx_bytes"},
                      {"rx-packets", "rx_packets"},
                      {"tx-bytes", "tx_bytes"},
                      {"tx-packets", "tx_packets"}});
    return interface;
}

Json disk_of(const Json& from) {
    Json disk = Json::object();
    take_texts(disk, from, {{"name", "name"}});
    if (const Json* counted = member(from, "stats"))
        take_numbers(disk, *counted,
                     {{"read-ios", "reads"},
                      {"read-sectors", "read_sectors"},
                      {"write-ios", "writes"},
                      {"write-sectors", "written_sectors"},
                      {"flush-ios", "flushes"}});
    return disk;
}

struct Question {
    const char* command;
    void (*read)(Json& facts, const Json& answer);
};

void take_names(Json& facts, const Json& answer) { take_texts(facts, answer, {{"host-name", "host_name"}}); }
void take_system(Json& facts, const Json& answer) {
    take_texts(facts, answer, {{"pretty-name", "system"}, {"kernel-version", "platform"}});
}
void take_versions(Json& facts, const Json& answer) {
    Json versions = Json::object();
    take_texts(versions, answer, {{"tenon", "tenon"}, {"image", "image"}, {"protocol", "tools"}});
    take_numbers(versions, answer, {{"hypercall-abi", "hypercall_abi"}});
    facts["versions"] = std::move(versions);
}
void take_memory(Json& facts, const Json& answer) {
    Json memory = Json::object();
    take_numbers(memory, answer,
                 {{"total-bytes", "total_bytes"},
                  {"free-bytes", "free_bytes"},
                  {"released-bytes", "released_bytes"},
                  {"heap-bytes", "heap_bytes"}});
    facts["memory"] = std::move(memory);
}
void take_load(Json& facts, const Json& answer) {
    Json load = Json::object();
    take_numbers(load, answer, {{"load1m", "1m"}, {"load5m", "5m"}, {"load15m", "15m"}});
    facts["load"] = std::move(load);
}
void take_vcpus(Json& facts, const Json& answer) {
    if (answer.is_array()) facts["vcpus"] = answer.size();
}
void take_interfaces(Json& facts, const Json& answer) { facts["interfaces"] = each(answer, interface_of); }
void take_disks(Json& facts, const Json& answer) { facts["disks"] = each(answer, disk_of); }

constexpr Question questions[] = {
    {"guest-get-host-name", take_names},
    {"guest-get-osinfo", take_system},
    {"tenon-get-versions", take_versions},
    {"tenon-get-memory", take_memory},
    {"guest-get-load", take_load},
    {"guest-get-vcpus", take_vcpus},
    {"guest-network-get-interfaces", take_interfaces},
    {"guest-get-diskstats", take_disks},
};

}  // namespace

Json guest_facts(const std::string& path, std::chrono::milliseconds limit) {
    const Deadline deadline(limit);
    auto agent = AgentClient::connect(path, path, deadline);
    if (!agent) return nullptr;
    Json facts = Json::object();
    for (const Question& question : questions) {
        // After a question that was not answered in time, an answer could be that to the one before.
        if (deadline.passed()) break;
        if (const auto answer = agent->call(question.command)) question.read(facts, *answer);
    }
    return facts;
}

}  // namespace hv
