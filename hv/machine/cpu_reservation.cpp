// SPDX-License-Identifier: Apache-2.0
// The book of reserved CPU time.
#include "hv/machine/cpu_reservation.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hv/core/text.h"
#include "hv/core/text_file.h"
#include "hv/machine/cpu_policy.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"
#include "hypercall/layout.h"

namespace hv {

namespace {

/// Held while one process counts and writes.
constexpr char book_lock[] = ".cpu-reservations";
constexpr std::uint32_t most_millicpus = tenon::abi::max_vcpus * 1000;

std::uint64_t granted_to_others(const RunBase& base, const std::string& name) {
    std::uint64_t sum = 0;
    for (const std::string& other : machine_names(base)) {
        if (other == name) continue;
        const std::uint32_t granted = granted_cpu(base.path_of(other));
        // Of a machine that has ended and is kept the file stays.
        if (granted != 0 && machine_life(base, other) == MachineLife::alive) sum += granted;
    }
    return sum;
}

}  // namespace

Result<> grant_cpu(const RunBase& base, const std::string& name, std::uint32_t millicpus, std::size_t host_cpus) {
    TRY(const FileDescriptor lock, base.lock(book_lock));
    const std::uint64_t others = granted_to_others(base, name);
    const std::uint64_t host = std::uint64_t{host_cpus} * 1000;
    if (millicpus != 0 && others + millicpus > host)
        return fail(ErrorKind::no_memory,
                    fmt::format("machine '{}': CPU reservation={}: of the host's {} CPU{}, {} are reserved for other "
                                "machines (lower it, or stop a machine)",
                                name, cpus_text(millicpus), host_cpus, host_cpus == 1 ? "" : "s", cpus_text(others)));
    return lower_granted_cpu(base.path_of(name), millicpus);
}

std::uint32_t granted_cpu(const std::string& directory) {
    const FileDescriptor file(
        open((directory + "/" + cpu_reservation_file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    std::array<char, 16> text;
    const auto number = parse_number(trimmed(read_start(file, text)));
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number.value_or(0), most_millicpus));
}

Result<> lower_granted_cpu(const std::string& directory, std::uint32_t millicpus) {
    return replace_machine_file(directory + "/" + cpu_reservation_file, fmt::format("{}\n", millicpus));
}

}  // namespace hv
