// SPDX-License-Identifier: Apache-2.0
// Machines as others find them.
#include "hv/machine/machine_life.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "hv/core/directory_names.h"
#include "hv/core/text.h"
#include "hv/core/text_file.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/run_directory.h"
#include "hv/machine/run_lock.h"

namespace hv {

namespace {

/// Looks whether the machine `name` runs, and removes what is left of it if it died.
MachineLife check_and_clean(const RunBase& base, const std::string& name) {
    const auto found = MarkedDirectory::find(base.directory(), name, machine_mark);
    if (!found) return MachineLife::absent;
    if (found.lock() < 0) {
        // It is being made or removed at this moment, or was left in the middle of it. An empty one can go: its maker
        // finds out when it opens the lock, and starts again.
        unlinkat(base.directory(), name.c_str(), AT_REMOVEDIR);
        return MachineLife::absent;
    }
    // Shared, so that those who only look do not see each other as machines.
    if (flock(found.lock(), LOCK_SH | LOCK_NB) != 0) return MachineLife::alive;
    if (const auto epitaph = read_epitaph(found.lock()); epitaph && epitaph->kept) return MachineLife::ended;
    if (flock(found.lock(), LOCK_EX | LOCK_NB) != 0)
        return MachineLife::absent;  // another one looks, or takes the name
    if (is_current_lock(base.directory(), name, found.lock()))
        remove_machine_directory(base.directory(), name, found.directory());
    return MachineLife::absent;
}

/// The directory of a machine that runs.
Result<std::string> find_machine(const RunBase& base, const std::string& name) {
    switch (machine_life(base, name)) {
        case MachineLife::alive: return base.path_of(name);
        case MachineLife::ended:
            return fail(ErrorKind::not_found,
                        fmt::format("machine '{0}': it has ended (hv start {0}, or hv logs {0})", name));
        case MachineLife::absent: break;
    }
    return fail(ErrorKind::not_found,
                fmt::format("machine '{}': no machine of this name is running in '{}' (hv ps)", name, base.path()));
}

}  // namespace

MachineLife machine_life(const RunBase& base, const std::string& name) {
    return base.exists() && is_machine_name(name) ? check_and_clean(base, name) : MachineLife::absent;
}

std::vector<std::string> machine_names(const RunBase& base) {
    std::vector<std::string> names;
    // Opened anew: a descriptor remembers how far its directory has been read.
    const int again = openat(base.directory(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(again < 0 ? nullptr : fdopendir(again), closedir);
    while (const dirent* entry = directory ? readdir(directory.get()) : nullptr)
        if (is_machine_name(entry->d_name)) names.emplace_back(entry->d_name);
    std::ranges::sort(names);
    return names;
}

Result<std::string> find_machine_socket(const RunBase& base, const std::string& name) {
    TRY(const std::string path, find_machine(base, name));
    return path + "/" + api_socket;
}

Result<std::string> find_agent_socket(const RunBase& base, const std::string& name) {
    TRY(const std::string path, find_machine(base, name));
    return path + "/" + agent_socket;
}

void remove_dead_machines(const RunBase& base) {
    for (const std::string& name : machine_names(base)) check_and_clean(base, name);
}

Result<MachineEnd> MachineEnd::of(const RunBase& base, const std::string& name) {
    if (machine_life(base, name) != MachineLife::absent) {
        auto found = MarkedDirectory::find(base.directory(), name, machine_mark);
        if (found.lock() >= 0) return MachineEnd(found.take_lock());
    }
    return fail(ErrorKind::not_found,
                fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base.path()));
}

bool MachineEnd::wait(int limit_ms) {
    if (limit_ms < 0) {
        while (flock(lock_.get(), LOCK_SH) != 0 && errno == EINTR) {
        }
    }
    // A lock has no waiting with a limit: look again, at first often.
    for (int waited_ms = 0, step_ms = 1;; waited_ms += step_ms, step_ms = std::min(step_ms * 2, 20)) {
        if (flock(lock_.get(), LOCK_SH | LOCK_NB) == 0) break;
        if (limit_ms >= 0 && waited_ms >= limit_ms) return false;
        poll(nullptr, 0, step_ms);
    }
    // Others may want the lock for themselves: the name is free.
    flock(lock_.get(), LOCK_UN);
    return true;
}

std::optional<int> MachineEnd::exit_code() const {
    const auto epitaph = read_epitaph(lock_.get());
    return epitaph ? std::optional(epitaph->exit_code) : std::nullopt;
}

pid_t MachineEnd::owner() const {
    struct stat about {};
    const auto locks = read_text_file("/proc/locks");
    if (!locks || fstat(lock_.get(), &about) != 0) return 0;
    // "1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF"
    const std::string file = fmt::format("{:02x}:{:02x}:{}", major(about.st_dev), minor(about.st_dev), about.st_ino);
    for (const std::string_view line : split(*locks, '\n')) {
        std::vector<std::string_view> words = split(line, ' ');
        std::erase(words, "");
        if (words.size() > 5 && words[1] == "FLOCK" && words[3] == "WRITE" && words[5] == file)
            return static_cast<pid_t>(parse_number(words[4]).value_or(0));
    }
    return 0;
}

std::uint64_t kept_bytes(const RunBase& base, const std::string& name) {
    if (machine_life(base, name) != MachineLife::ended) return 0;
    const auto found = MarkedDirectory::find(base.directory(), name, machine_mark);
    constexpr std::uint64_t block = 512;
    std::uint64_t bytes = 0;
    for (const std::string& file : names_in(found.directory())) {
        struct stat about {};
        if (is_machine_file(file) && fstatat(found.directory(), file.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0)
            bytes += static_cast<std::uint64_t>(about.st_blocks) * block;
    }
    return bytes;
}

Result<> remove_ended_machine(const RunBase& base, const std::string& name) {
    for (int attempt = 0; attempt < 50 && machine_life(base, name) == MachineLife::ended; ++attempt) {
        const auto found = MarkedDirectory::find(base.directory(), name, machine_mark);
        if (found.lock() >= 0 && flock(found.lock(), LOCK_EX | LOCK_NB) == 0) {
            if (is_current_lock(base.directory(), name, found.lock()))
                remove_machine_directory(base.directory(), name, found.directory());
            return {};
        }
        poll(nullptr, 0, 1);  // another process holds the lock for a moment
    }
    if (machine_life(base, name) == MachineLife::alive)
        return fail(ErrorKind::in_use,
                    fmt::format("machine '{}': it is running (hv stop {}, or hv rm -f)", name, name));
    return fail(ErrorKind::not_found,
                fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base.path()));
}

}  // namespace hv
