// SPDX-License-Identifier: Apache-2.0
// Parsing of `virtio_mmio.device=`.
#include "kernel/platform/hvm/device_options.h"

#include "kernel/base/number.h"

namespace tenon::hvm {

namespace {

bool take(std::string_view& text, char expected) {
    if (text.empty() || text[0] != expected) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<MmioDeviceOption> parse_mmio_device(std::string_view text) {
    const auto size = take_number(text);
    if (!size || *size == 0 || !take(text, '@')) return std::nullopt;
    const auto address = take_number(text);
    if (!address || !take(text, ':')) return std::nullopt;
    const auto line = take_number(text);
    if (!line || *line > 255) return std::nullopt;
    if (!text.empty() && (!take(text, ':') || !take_number(text) || !text.empty())) return std::nullopt;
    if (*address + *size < *address) return std::nullopt;
    return MmioDeviceOption{*size, *address, static_cast<std::uint32_t>(*line)};
}

}  // namespace tenon::hvm
