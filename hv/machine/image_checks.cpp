// SPDX-License-Identifier: Apache-2.0
// An image against its configuration.
#include "hv/machine/image_checks.h"

#include <fmt/format.h>
#include <linux/virtio_ids.h>

#include <algorithm>
#include <string_view>

#include "hv/core/similar.h"
#include "hv/machine/guest_address.h"
#include "hypercall/command_line.h"

namespace hv {

namespace {

using tenon::abi::ignored_kernel_options;
using tenon::abi::kernel_options;

Result<> check_address(std::string_view name, std::string_view value) {
    const bool is_ipv6 = name == "ip6";
    if (value == "off" || value == (is_ipv6 ? "auto" : "dhcp")) return {};
    auto address = parse_guest_address(value);
    if (address && address->is_ipv6 == is_ipv6) return {};
    return fail(ErrorKind::usage, fmt::format("kernel option '{}': {}", name,
                                              address ? fmt::format("'{}' is not an {} address", address->address,
                                                                    is_ipv6 ? "IPv6" : "IPv4")
                                                      : address.error().message));
}

/// Numbers are the guest's to check: it knows their ranges.
Result<> check_value(std::string_view name, std::string_view value) {
    if (name == "ip" || name == "ip6") return check_address(name, value);
    if (name == "zero" && value != "off")
        return fail(ErrorKind::usage,
                    fmt::format("kernel option 'zero': '{}' is not 'off' (without the option the search runs)", value));
    return {};
}

}  // namespace

Result<> check_kernel_options(const CommandLine& line) {
    for (const std::string& option : line.kernel_options) {
        const std::size_t end = option.find('=');
        const std::string_view name = std::string_view(option).substr(0, end);
        if (std::ranges::find(kernel_options, name, [](const char* known) { return std::string_view(known); }) ==
            std::end(kernel_options)) {
            if (std::ranges::any_of(ignored_kernel_options, [name](const char* other) { return name == other; }))
                continue;
            const std::vector<std::string_view> names(std::begin(kernel_options), std::end(kernel_options));
            return fail(ErrorKind::usage,
                        fmt::format("kernel option '{}': a Tenon guest has none of this name{}; its options are in "
                                    "docs/kernel-options.md (the program's arguments stand behind --)",
                                    name, did_you_mean(name, names)));
        }
        CHECK(check_value(name, end == std::string::npos ? "" : std::string_view(option).substr(end + 1)));
    }
    return {};
}

bool may_drive(const ImageLayout& image, std::uint32_t device_id) {
    return !image.drivers || (*image.drivers >> device_id & 1) != 0;
}

bool may_open_port(const ImageLayout& image, std::string_view name) {
    return may_drive(image, VIRTIO_ID_CONSOLE) &&
           (!image.drivers || std::ranges::find(image.ports, name) != image.ports.end());
}

std::vector<std::string> missing_drivers(const MachineConfig& config, const ImageLayout& image) {
    std::vector<std::string> lines;
    const auto missing = [&](const char* what, const char* feature) {
        lines.push_back(fmt::format("image '{}' has no driver for {} (build it with the feature '{}')", config.image,
                                    what, feature));
    };
    if (config.net.mode != NetConfig::Mode::none && !may_drive(image, VIRTIO_ID_NET))
        missing("a network: --net has no effect", "net");
    if (!config.drives.empty() && !may_drive(image, VIRTIO_ID_BLOCK)) missing("disks: --disk has no effect", "blk");
    return lines;
}

}  // namespace hv
