// SPDX-License-Identifier: Apache-2.0
// Reading and writing Firecracker's configuration format.
#include "hv/machine/firecracker_config.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/json_section.h"
#include "hv/core/json_text.h"
#include "hv/machine/drives_config.h"
#include "hv/machine/rate_limits_config.h"
#include "hv/machine/tenon_config.h"

namespace hv {

namespace {

std::unexpected<Error> wrong(const std::string& what) { return fail(ErrorKind::usage, "configuration: " + what); }

JsonSection::Origin origin() { return {"configuration", "Firecracker's format"}; }

Result<JsonSection> open_section(const Json& value, std::string name) {
    return JsonSection::open(value, std::move(name), origin());
}

Result<> read_boot_source(const Json& value, MachineConfig& config) {
    TRY(JsonSection section, open_section(value, "boot-source"));
    TRY(auto image, section.take_string("kernel_image_path"));
    TRY(auto options, section.take_string("boot_args"));
    CHECK(section.refuse("initrd_path"));
    CHECK(section.finish());
    if (!image || image->empty()) return wrong("'boot-source.kernel_image_path' is missing");
    config.image = *image;
    return config.command_line.add(options.value_or(""));
}

Result<> read_machine_config(const Json& value, MachineConfig& config, std::vector<std::string>& warnings) {
    TRY(JsonSection section, open_section(value, "machine-config"));
    TRY(auto vcpus, section.take_number("vcpu_count", 1, tenon::abi::max_vcpus));
    TRY(auto memory, section.take_number("mem_size_mib", minimum_memory_bytes >> 20, maximum_memory_bytes >> 20));
    CHECK(section.refuse_unless("smt", false));
    CHECK(section.refuse_unless("huge_pages", "None"));
    CHECK(section.refuse_unless("cpu_template", "None"));
    section.ignore("track_dirty_pages", warnings);
    CHECK(section.finish());
    if (!vcpus || !memory) return wrong("'machine-config' needs 'vcpu_count' and 'mem_size_mib'");
    config.vcpu_count = static_cast<std::uint32_t>(*vcpus);
    config.memory_bytes = *memory << 20;
    return {};
}

Result<> read_network(const Json& value, MachineConfig& config) {
    if (!value.is_array()) return wrong("'network-interfaces' is not an array");
    if (value.empty()) return {};
    if (value.size() > 1) return wrong("'network-interfaces': this hv gives a machine one interface");
    TRY(JsonSection section, open_section(value.front(), "network-interfaces[0]"));
    TRY(auto id, section.take_string("iface_id"));
    TRY(auto tap, section.take_string("host_dev_name"));
    TRY(auto mac, section.take_string("guest_mac"));
    TRY(auto mtu, section.take_number("mtu", least_mtu, largest_mtu));
    NetLimits limits;
    CHECK(read_net_limits(section, origin(), limits));
    CHECK(section.finish());
    if (!id || !tap) return wrong("'network-interfaces[0]' needs 'iface_id' and 'host_dev_name'");
    if (const auto checked = check_interface_name(*tap); !checked)
        return wrong("'network-interfaces[0].host_dev_name': " + checked.error().message);
    config.net = NetConfig();
    config.net.mode = NetConfig::Mode::tap;
    config.net.interface_id = *id;
    config.net.tap = *tap;
    config.net.limits = limits;
    if (mac) {
        auto address = parse_mac(*mac);
        if (!address) return wrong("'network-interfaces[0].guest_mac': " + address.error().message);
        config.net.mac = *address;
    }
    if (mtu) config.net.mtu = static_cast<std::uint16_t>(*mtu);
    return {};
}

/// Every machine has a balloon; what the section leaves out stays as it is without one.
Result<> read_balloon(const Json& value, MachineConfig& config) {
    TRY(JsonSection section, open_section(value, "balloon"));
    TRY(auto amount, section.take_number("amount_mib", 0, maximum_memory_bytes >> 20));
    TRY(auto deflate, section.take_bool("deflate_on_oom"));
    TRY(auto interval, section.take_number("stats_polling_interval_s", 0, 65535));
    TRY(auto hinting, section.take_bool("free_page_hinting"));
    TRY(auto reporting, section.take_bool("free_page_reporting"));
    CHECK(section.finish());
    if (!amount || !deflate) return wrong("'balloon' needs 'amount_mib' and 'deflate_on_oom'");
    BalloonOptions& balloon = config.balloon;
    balloon.target_bytes = *amount << 20;
    balloon.deflate_on_oom = *deflate;
    balloon.statistics_interval_s = static_cast<std::uint16_t>(interval.value_or(balloon.statistics_interval_s));
    balloon.hinting = hinting.value_or(balloon.hinting);
    balloon.reporting = reporting.value_or(balloon.reporting);
    return {};
}

Json interfaces_json(const NetConfig& net) {
    Json interfaces = Json::array();
    if (net.mode != NetConfig::Mode::tap) return interfaces;
    Json interface = {{"iface_id", json_text(net.interface_id)}, {"host_dev_name", json_text(net.tap)}};
    if (net.mac) interface["guest_mac"] = mac_text(*net.mac);
    if (net.mtu) interface["mtu"] = *net.mtu;
    add_net_limits(interface, net.limits);
    interfaces.push_back(std::move(interface));
    return interfaces;
}

}  // namespace

Result<> parse_firecracker_config(std::string_view text, MachineConfig& config, std::vector<std::string>& warnings) {
    const auto root = parse_json(text, {.comments = true});
    if (!root) return wrong("the text " + root.error().message);
    TRY(JsonSection section, open_section(*root, ""));
    const Json* boot_source = section.take("boot-source");
    if (boot_source == nullptr) return wrong("'boot-source' is missing");
    CHECK(read_boot_source(*boot_source, config));
    if (const Json* value = section.take("machine-config")) CHECK(read_machine_config(*value, config, warnings));
    if (const Json* value = section.take("network-interfaces")) CHECK(read_network(*value, config));
    if (const Json* value = section.take("drives")) CHECK(read_drives(*value, config, warnings));
    for (const char* key : {"vsock", "mmds-config", "pmem", "memory-hotplug", "cpu-config", "serial"})
        CHECK(section.refuse(key));
    for (const char* key : {"logger", "metrics"}) section.ignore(key, warnings);
    if (const Json* value = section.take("balloon")) CHECK(read_balloon(*value, config));
    // Every machine has an entropy device.
    if (const Json* value = section.take("entropy")) {
        TRY(JsonSection entropy, open_section(*value, "entropy"));
        CHECK(entropy.refuse("rate_limiter"));
        CHECK(entropy.finish());
    }
    if (const Json* value = section.take("tenon")) CHECK(read_tenon_config(*value, config));
    return section.finish();
}

Result<> read_firecracker_config(const std::string& path, MachineConfig& config, std::vector<std::string>& warnings) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return fail(errno_kind(errno), fmt::format("configuration '{}': {}", path, std::strerror(errno)));
    std::string text;
    char buffer[4096];
    ssize_t size = 0;
    while ((size = read(file.get(), buffer, sizeof buffer)) > 0) {
        text.append(buffer, static_cast<std::size_t>(size));
        if (text.size() > config_file_limit)
            return fail(ErrorKind::usage, fmt::format("configuration '{}': larger than 1 MiB", path));
    }
    if (size < 0)
        return fail(errno_kind(errno, ErrorKind::usage),
                    fmt::format("configuration '{}': {}", path, std::strerror(errno)));
    auto parsed = parse_firecracker_config(text, config, warnings);
    if (!parsed) parsed.error().message += fmt::format(" (in '{}')", path);
    return parsed;
}

std::string firecracker_config_text(const MachineConfig& config) {
    Json root = {
        {"boot-source",
         {{"kernel_image_path", json_text(config.image)},
          {"boot_args", json_text(command_line_text(config.command_line))}}},
        {"machine-config",
         {{"vcpu_count", config.vcpu_count}, {"mem_size_mib", config.memory_bytes >> 20}, {"smt", false}}},
        {"drives", drives_json(config)},
        {"network-interfaces", interfaces_json(config.net)},
    };
    if (config.balloon.enabled)
        root["balloon"] = {{"amount_mib", config.balloon.target_bytes >> 20},
                           {"deflate_on_oom", config.balloon.deflate_on_oom},
                           {"stats_polling_interval_s", config.balloon.statistics_interval_s},
                           {"free_page_hinting", config.balloon.hinting},
                           {"free_page_reporting", config.balloon.reporting}};
    if (Json tenon = tenon_config_json(config); !tenon.is_null()) root["tenon"] = std::move(tenon);
    return root.dump();
}

}  // namespace hv
