// SPDX-License-Identifier: Apache-2.0
// /proc/PID/status.
#include "hv/core/process_memory.h"

#include <array>
#include <charconv>

namespace hv {

namespace {

/// "VmRSS:     1234 kB", in bytes.
std::optional<std::uint64_t> field(std::string_view text, std::string_view name) {
    const std::size_t found = text.find(name);
    if (found == std::string_view::npos) return std::nullopt;
    text.remove_prefix(found + name.size());
    const std::size_t digits = text.find_first_not_of(" \t");
    if (digits == std::string_view::npos) return std::nullopt;
    std::uint64_t kibibytes = 0;
    const auto [end, error] = std::from_chars(text.data() + digits, text.data() + text.size(), kibibytes);
    if (error != std::errc()) return std::nullopt;
    return kibibytes << 10;
}

}  // namespace

std::optional<ProcessMemory> parse_process_status(std::string_view text) {
    const auto resident = field(text, "\nVmRSS:");
    const auto swapped = field(text, "\nVmSwap:");
    if (!resident) return std::nullopt;
    // A kernel without swap has no line for it.
    return ProcessMemory{.resident_bytes = *resident, .swapped_bytes = swapped.value_or(0)};
}

std::optional<ProcessMemory> read_process_status(const FileDescriptor& file) {
    std::array<char, 4096> text;
    const ssize_t size = file ? pread(file.get(), text.data(), text.size(), 0) : -1;
    if (size <= 0) return std::nullopt;
    return parse_process_status({text.data(), static_cast<std::size_t>(size)});
}

}  // namespace hv
