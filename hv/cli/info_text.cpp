// SPDX-License-Identifier: Apache-2.0
// Sections with aligned keys.
#include "hv/cli/info_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <string_view>

#include "hv/cli/machine_client.h"
#include "hv/cli/published_ports.h"
#include "hv/cli/rate_values.h"
#include "hv/cli/table.h"
#include "hv/core/json_text.h"
#include "hv/core/landlock.h"
#include "hv/core/printable.h"
#include "hv/machine/cpu_policy.h"

namespace hv {

namespace {

/// Lines of one section; a section without lines is not there.
class Sheet {
public:
    void section(const char* title) { title_ = title; }
    void line(std::string_view key, std::string_view value) {
        if (value.empty()) return;
        if (!title_.empty()) text_ += fmt::format("\n{}\n", std::exchange(title_, {}));
        text_ += fmt::format("  {:<13} {}\n", printable(key), printable(value));
    }
    [[nodiscard]] std::string text() && { return std::move(text_); }

private:
    std::string title_;
    std::string text_;
};

std::string text_at(const Json& json, const char* key) {
    const Json& value = member_of(json, key);
    return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : std::string();
}

/// A size; empty where there is none, or, with `only_some`, where it is 0.
std::string size_at(const Json& json, const char* key, bool only_some = false) {
    const Json& value = member_of(json, key);
    if (!value.is_number_unsigned() || (only_some && value == 0)) return {};
    return size_text(value.get<std::uint64_t>());
}

std::string time_at(const Json& json, const char* key) {
    const Json& value = member_of(json, key);
    if (!value.is_number()) return {};
    const auto seconds = static_cast<time_t>(value.get<double>());
    tm parts{};
    char text[32];
    if (localtime_r(&seconds, &parts) == nullptr || std::strftime(text, sizeof text, "%F %T", &parts) == 0) return {};
    return text;
}

double seconds_at(const Json& json, const char* key, double unit) {
    const Json& value = member_of(json, key);
    return value.is_number() ? value.get<double>() / unit : 0;
}

/// "A in N things".
std::string traffic(const Json& json, const char* bytes, const char* things, const char* name) {
    if (!member_of(json, bytes).is_number_unsigned()) return {};
    return fmt::format("{} in {} {}", size_at(json, bytes), number_of(json, things), name);
}

std::string state_text(const Json& info) {
    std::string text = text_at(info, "state");
    if (member_of(info, "state_seconds").is_number()) {
        const std::string time = duration_text(seconds_at(info, "state_seconds", 1));
        text += text == "ended" ? fmt::format(" {} ago", time) : " for " + time;
    }
    if (const auto restarts = number_of(info, "restarts"); restarts != 0)
        text += fmt::format(", started again {} time{}", restarts, restarts == 1 ? "" : "s");
    return text;
}

std::string with_reason(const std::string& text, const std::string& reason) {
    return text.empty() || reason.empty() ? text : fmt::format("{} ({})", text, reason);
}

/// How hv is confined, if it says so: it is running.
std::string confinement_text(const Json& landlock_version) {
    if (!landlock_version.is_number_unsigned()) return {};
    const auto version = landlock_version.get<std::uint64_t>();
    if (version == 0) return "system calls only (this host has no Landlock)";
    if (version < complete_landlock) return fmt::format("system calls, files (Landlock {}, without signals)", version);
    return fmt::format("system calls, files, signals (Landlock {})", version);
}

void add_machine(Sheet& sheet, const Json& info) {
    sheet.line("name", text_at(info, "name"));
    sheet.line("state", state_text(info));
    sheet.line("exit code", with_reason(text_at(info, "exit_code"), text_at(info, "reason")));
    sheet.line("stopped by", text_at(info, "stop"));
    sheet.line("image", text_at(info, "image"));
    sheet.line("arguments", text_at(info, "boot_arguments"));
    sheet.line("accelerator", with_reason(text_at(info, "accelerator"), text_at(info, "accelerator_reason")));
    sheet.line("confinement", confinement_text(member_of(info, "landlock_version")));
    sheet.line("restart", text_at(info, "restart_policy"));
    sheet.line("created", time_at(info, "created"));
    sheet.line("started", time_at(info, "started"));
    sheet.line("ended", time_at(info, "ended"));
    sheet.line("directory", text_at(info, "directory"));
    sheet.line("hv", text_at(info, "hv_version"));
}

void add_guest(Sheet& sheet, const Json& guest) {
    sheet.section("Guest");
    sheet.line("host name", text_at(guest, "host_name"));
    sheet.line("system", with_reason(text_at(guest, "system"), text_at(guest, "platform")));
    const Json& versions = member_of(guest, "versions");
    sheet.line("image", text_at(versions, "image"));
    sheet.line("tools", text_at(versions, "tools"));
    sheet.line("hypercall ABI", text_at(versions, "hypercall_abi"));
}

std::string cpus_at(const Json& cpu, const char* key) {
    const std::uint64_t millicpus = number_of(cpu, key);
    if (millicpus == 0) return {};
    return fmt::format("{} CPU{}", cpus_text(millicpus), millicpus == 1000 ? "" : "s");
}

void add_processor_policy(Sheet& sheet, const Json& cpu) {
    std::string limit = cpus_at(cpu, "limit_millicpus");
    if (const std::uint64_t burst = number_of(cpu, "burst_ms"); burst != 0 && !limit.empty())
        limit += fmt::format(", burst {} ms", burst);
    sheet.line("limit", limit);
    sheet.line("reservation", cpus_at(cpu, "reservation_millicpus"));
    sheet.line("shares", text_at(cpu, "shares"));
    sheet.line("vCPUs run on", text_at(cpu, "pin"));
    sheet.line("hv runs on", text_at(cpu, "hv_pin"));
    sheet.line("NUMA node", text_at(cpu, "node"));
}

void add_processor(Sheet& sheet, const Json& cpu, const Json& guest) {
    sheet.section("Processor");
    sheet.line("vCPUs", text_at(cpu, "vcpus"));
    const auto time = [&](const char* title, const char* key) {
        if (member_of(cpu, key).is_number()) sheet.line(title, fmt::format("{:.2f} s", seconds_at(cpu, key, 1e9)));
    };
    time("time used", "used_ns");
    time("time stolen", "steal_ns");
    time("throttled", "throttled_ns");
    add_processor_policy(sheet, cpu);
    const Json& load = member_of(guest, "load");
    if (load.is_object())
        sheet.line("load", fmt::format("{:.2f} {:.2f} {:.2f} (1, 5, 15 minutes)", seconds_at(load, "1m", 1),
                                       seconds_at(load, "5m", 1), seconds_at(load, "15m", 1)));
}

void add_memory(Sheet& sheet, const Json& info, const Json& guest) {
    sheet.section("Memory");
    sheet.line("configured", size_at(info, "memory_bytes", true));
    const Json& memory = member_of(info, "memory");
    sheet.line("resident", size_at(memory, "resident_bytes"));
    sheet.line("swapped", size_at(memory, "swapped_bytes", true));
    sheet.line("ballooned", size_at(memory, "ballooned_bytes", true));
    sheet.line("zero-shared", size_at(memory, "zero_shared_bytes", true));
    const Json& inside = member_of(guest, "memory");
    if (!member_of(inside, "free_bytes").is_number_unsigned()) return;
    const std::uint64_t total = number_of(inside, "total_bytes"), free = number_of(inside, "free_bytes");
    sheet.line("in the guest",
               fmt::format("{} used, {} free", size_text(total - std::min(free, total)), size_text(free)));
}

void add_interface(Sheet& sheet, const Json& interface) {
    std::string value = text_at(interface, "mac");
    const Json& addresses = member_of(interface, "addresses");
    if (addresses.is_array())
        for (const Json& address : addresses)
            if (address.is_string()) value += (value.empty() ? "" : ", ") + address.get<std::string>();
    sheet.line(text_at(interface, "name"), value);
}

void add_network(Sheet& sheet, const Json& info, const Json& guest) {
    sheet.section("Network");
    for (const Json& interface : member_of(info, "network_interfaces")) {
        const std::string tap = text_at(interface, "host_dev_name");
        sheet.line("on the host", fmt::format("{}, {}", text_at(interface, "iface_id"),
                                              tap.empty() ? "user-mode network" : "TAP " + tap));
        sheet.line("receive limit", rate_limiter_text(member_of(interface, "rx_rate_limiter"), "packets"));
        sheet.line("send limit", rate_limiter_text(member_of(interface, "tx_rate_limiter"), "packets"));
        sheet.line("received", traffic(member_of(info, "network"), "rx_bytes", "rx_packets", "packets"));
        sheet.line("sent", traffic(member_of(info, "network"), "tx_bytes", "tx_packets", "packets"));
    }
    sheet.line("published", ports_text(member_of(info, "ports")));
    for (const Json& interface : member_of(guest, "interfaces")) add_interface(sheet, interface);
}

void add_disks(Sheet& sheet, const Json& info) {
    sheet.section("Disks");
    for (const Json& disk : member_of(info, "disks")) {
        sheet.line(text_at(disk, "name"),
                   fmt::format("{}, {}{}", text_at(disk, "path"), size_at(disk, "capacity_bytes"),
                               member_of(disk, "read_only") == true ? ", read-only" : ""));
        sheet.line("  limit", rate_limiter_text(member_of(disk, "rate_limiter"), "requests"));
        sheet.line("  read", traffic(disk, "read_bytes", "reads", "requests"));
        sheet.line("  written", traffic(disk, "written_bytes", "writes", "requests"));
        if (number_of(disk, "flushes") != 0)
            sheet.line("  flushed", fmt::format("{} times", number_of(disk, "flushes")));
        if (number_of(disk, "discards") != 0)
            sheet.line("  discarded", traffic(disk, "discarded_bytes", "discards", "requests"));
        if (number_of(disk, "write_zeroes") != 0)
            sheet.line("  made zero", traffic(disk, "zeroed_bytes", "write_zeroes", "requests"));
        if (number_of(disk, "flush_errors") != 0) sheet.line("  lost", "the host could not write: flushes fail");
    }
}

}  // namespace

std::string info_text(const Json& info) {
    Sheet sheet;
    const Json& guest = member_of(info, "guest");
    add_machine(sheet, info);
    add_guest(sheet, guest);
    add_processor(sheet, member_of(info, "cpu"), guest);
    add_memory(sheet, info, guest);
    add_network(sheet, info, guest);
    add_disks(sheet, info);
    return std::move(sheet).text();
}

}  // namespace hv
