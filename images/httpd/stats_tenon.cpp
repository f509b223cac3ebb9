// SPDX-License-Identifier: Apache-2.0
// The machine's own account of itself.
#include <tenon/memory.h>
#include <tenon/network.h>
#include <tenon/ready.h>
#include <tenon/version.h>

#include <ctime>

#include "stats.h"

namespace httpd {

namespace {

/// Builds one JSON object of numbers.
class Object {
public:
    void number(const char* name, std::uint64_t value) { field(name, std::to_string(value)); }
    void field(const char* name, const std::string& json) {
        text_.append(text_.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(json);
    }
    std::string close() && { return std::move(text_.append("}")); }

private:
    std::string text_ = "{";
};

std::string memory_json() {
    tenon_memory_statistics memory{};
    tenon_get_memory_statistics(&memory);
    Object object;
    object.number("total", memory.total);
    object.number("free", memory.free);
    object.number("heap", memory.heap);
    object.number("io_total", memory.io_total);
    object.number("io_free", memory.io_free);
    return std::move(object).close();
}

std::string network_json(const tenon_network_statistics& network) {
    Object object;
    object.number("rx_packets", network.rx_packets);
    object.number("rx_bytes", network.rx_bytes);
    object.number("rx_dropped", network.rx_dropped);
    object.number("rx_errors", network.rx_errors);
    object.number("tx_packets", network.tx_packets);
    object.number("tx_bytes", network.tx_bytes);
    object.number("tx_dropped", network.tx_dropped);
    object.number("tx_errors", network.tx_errors);
    return std::move(object).close();
}

}  // namespace

std::string stats_json(std::uint64_t requests) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    Object object;
    object.field("tenon", "\"" TENON_VERSION "\"");
    object.number("uptime_ms",
                  static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000);
    object.number("requests", requests);
    object.field("memory_bytes", memory_json());
    std::string interfaces = "[";
    tenon_network_statistics network{};
    for (unsigned index = 0; tenon_get_network_statistics(index, &network) == 0; ++index)
        interfaces.append(index == 0 ? "" : ",").append(network_json(network));
    object.field("network", interfaces + "]");
    return std::move(object).close() + "\n";
}

void announce_ready() { tenon_ready(); }

}  // namespace httpd
