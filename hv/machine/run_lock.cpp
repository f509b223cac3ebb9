// SPDX-License-Identifier: Apache-2.0
// The lock of a machine's directory.
#include "hv/machine/run_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "hv/core/directory_names.h"
#include "hv/core/text.h"
#include "hv/machine/machine_cgroup.h"
#include "hv/machine/machine_files.h"

namespace hv {

namespace {
constexpr std::string_view kept_word = "kept ", gone_word = "gone ";
}

void remove_machine_directory(int base, const std::string& name, int directory) {
    if (!remove_noted_cgroups(directory, name)) return;
    for (const std::string& file : names_in(directory))
        if (file != lock_file && is_machine_file(file)) unlinkat(directory, file.c_str(), 0);
    unlinkat(directory, MarkedDirectory::lock_name, 0);
    unlinkat(base, name.c_str(), AT_REMOVEDIR);
}

std::optional<Epitaph> read_epitaph(int lock) {
    std::array<char, 32> text{};
    const ssize_t size = pread(lock, text.data(), text.size(), machine_mark.size());
    const std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const bool kept = line.starts_with(kept_word);
    if (!kept && !line.starts_with(gone_word)) return std::nullopt;
    const std::string_view number = line.substr(kept_word.size(), line.find('\n') - kept_word.size());
    const auto code = parse_number(number);
    if (!code || *code > 255) return std::nullopt;
    return Epitaph{kept, static_cast<int>(*code)};
}

bool write_epitaph(int lock, const Epitaph& epitaph) {
    const std::string line = fmt::format("{}{}\n", epitaph.kept ? kept_word : gone_word, epitaph.exit_code);
    return pwrite(lock, line.data(), line.size(), machine_mark.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace hv
