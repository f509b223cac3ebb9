// SPDX-License-Identifier: Apache-2.0
// The lock of a machine's directory.
#include "hv/machine/run_lock.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "hv/core/text.h"
#include "hv/machine/memory_cgroup.h"

namespace hv {

bool is_current(int lock, const std::string& path) {
    struct stat ours {
    }, there{};
    return fstat(lock, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

/// Everything that hv puts into a machine's directory is a file or a socket, none is a directory.
/// The lock goes last: as long as it is there, nobody else removes or takes the directory.
void remove_contents(const std::string& path) {
    if (!remove_noted_cgroup(path)) return;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);
    if (directory) {
        while (const dirent* entry = readdir(directory.get())) {
            if (std::strcmp(entry->d_name, lock_name + 1) != 0) unlinkat(dirfd(directory.get()), entry->d_name, 0);
        }
    }
    unlink((path + lock_name).c_str());
    rmdir(path.c_str());
}

std::optional<Epitaph> read_epitaph(int lock) {
    std::array<char, 32> text{};
    const ssize_t size = pread(lock, text.data(), text.size(), 0);
    const std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const bool kept = line.starts_with(kept_word);
    if (!kept && !line.starts_with(gone_word)) return std::nullopt;
    const std::string_view number = line.substr(kept_word.size(), line.find('\n') - kept_word.size());
    const auto code = parse_number(number);
    if (!code || *code > 255) return std::nullopt;
    return Epitaph{kept, static_cast<int>(*code)};
}

}  // namespace hv
