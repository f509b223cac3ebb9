// SPDX-License-Identifier: Apache-2.0
// The threads of a guest process.
#include "hv/accel/pv/vcpu_threads.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "hv/core/directory_names.h"
#include "hv/core/text.h"
#include "hv/core/text_file.h"

namespace hv::pv {

std::optional<std::uint32_t> innermost_thread_id(std::string_view status) {
    constexpr std::string_view name = "\nNSpid:\t";
    const std::size_t found = status.find(name);
    if (found == std::string_view::npos) return std::nullopt;
    std::string_view ids = status.substr(found + name.size());
    ids = ids.substr(0, ids.find('\n'));
    const auto id = parse_number(ids.substr(ids.rfind('\t') + 1));
    return id ? std::optional(static_cast<std::uint32_t>(*id)) : std::nullopt;
}

Result<std::vector<pid_t>> find_vcpu_threads(pid_t process, std::uint32_t vcpu_count, FileOpener& opener) {
    const std::string path = "/proc/" + std::to_string(process) + "/task";
    const auto directory = opener.open({&path, 1});
    std::vector<std::string> names = names_in(directory.front().get());
    std::erase_if(names, [](const std::string& name) { return !parse_number(name); });
    std::vector<std::string> paths;
    paths.reserve(names.size());
    for (const std::string& name : names) paths.push_back(fmt::format("{}/{}/status", path, name));
    const auto files = opener.open(paths);

    std::vector<pid_t> threads(vcpu_count);
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::array<char, 4096> text;
        const auto number = innermost_thread_id(read_start(files[i], text));
        if (number && *number >= 1 && *number <= vcpu_count)
            threads[*number - 1] = static_cast<pid_t>(*parse_number(names[i]));
    }
    if (std::ranges::find(threads, 0) != threads.end())
        return fail(ErrorKind::host_lacks,
                    "'" + path + "' does not tell the threads of the guest's vCPUs (is /proc mounted?)");
    return threads;
}

}  // namespace hv::pv
