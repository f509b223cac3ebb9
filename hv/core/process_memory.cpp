// SPDX-License-Identifier: Apache-2.0
// /proc/PID/status.
#include "hv/core/process_memory.h"

#include <fcntl.h>

#include <array>
#include <charconv>

#include "hv/core/text_file.h"

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
    // A kernel without swap support writes no such line.
    return ProcessMemory{.resident_bytes = *resident, .swapped_bytes = swapped.value_or(0)};
}

std::optional<ProcessMemory> read_process_status(const FileDescriptor& file) {
    std::array<char, 4096> text;
    return parse_process_status(read_start(file, text));
}

std::optional<std::uint64_t> proportional_set(pid_t process) {
    const std::string path = "/proc/" + std::to_string(process) + "/smaps_rollup";
    std::array<char, 4096> text;
    return field(read_start(FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC)), text), "\nPss:");
}

}  // namespace hv
