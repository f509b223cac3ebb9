// SPDX-License-Identifier: Apache-2.0
// Machines as others find them.
#include "hv/machine/machine_life.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "hv/machine/run_directory.h"
#include "hv/machine/run_lock.h"

namespace hv {

namespace {

/// Looks whether the machine at `path` runs, and removes what is left of it if it died.
MachineLife check_and_clean(const std::string& path) {
    const FileDescriptor lock(open((path + lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!lock) {
        // A directory without a lock is one that is being made or removed at this moment, or was left in the middle of
        // it. An empty one can go: its maker finds out when it opens the lock, and starts again.
        if (errno != ENOENT) return MachineLife::alive;
        rmdir(path.c_str());
        return MachineLife::absent;
    }
    // Shared, so that those who only look do not see each other as machines.
    if (flock(lock.get(), LOCK_SH | LOCK_NB) != 0) return MachineLife::alive;
    if (const auto epitaph = read_epitaph(lock.get()); epitaph && epitaph->kept) return MachineLife::ended;
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return MachineLife::absent;  // another one looks, or takes the name
    if (is_current(lock.get(), path + lock_name)) remove_contents(path);
    return MachineLife::absent;
}

/// The directory of a machine that runs.
Result<std::string> find_machine(const std::string& base, const std::string& name) {
    switch (machine_life(base, name)) {
        case MachineLife::alive: return base + "/" + name;
        case MachineLife::ended:
            return fail(ErrorKind::not_found, fmt::format("machine '{}': it has ended (hv ps -a, hv rm)", name));
        case MachineLife::absent: break;
    }
    return fail(ErrorKind::not_found,
                fmt::format("machine '{}': no machine of this name is running in '{}'", name, base));
}

}  // namespace

MachineLife machine_life(const std::string& base, const std::string& name) {
    return is_machine_name(name) ? check_and_clean(base + "/" + name) : MachineLife::absent;
}

std::vector<std::string> machine_names(const std::string& base) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(base.c_str()), closedir);
    while (const dirent* entry = directory ? readdir(directory.get()) : nullptr)
        if (is_machine_name(entry->d_name)) names.emplace_back(entry->d_name);
    std::ranges::sort(names);
    return names;
}

Result<std::string> find_machine_socket(const std::string& base, const std::string& name) {
    TRY(const std::string path, find_machine(base, name));
    return path + "/api.sock";
}

Result<std::string> find_agent_socket(const std::string& base, const std::string& name) {
    TRY(const std::string path, find_machine(base, name));
    return path + "/agent.sock";
}

void remove_dead_machines(const std::string& base) {
    for (const std::string& name : machine_names(base)) check_and_clean(base + "/" + name);
}

Result<MachineEnd> MachineEnd::of(const std::string& base, const std::string& name) {
    if (machine_life(base, name) != MachineLife::absent) {
        FileDescriptor lock(open((base + "/" + name + lock_name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (lock) return MachineEnd(std::move(lock));
    }
    return fail(ErrorKind::not_found,
                fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base));
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

Result<> remove_ended_machine(const std::string& base, const std::string& name) {
    const std::string path = base + "/" + name;
    for (int attempt = 0; attempt < 50 && machine_life(base, name) == MachineLife::ended; ++attempt) {
        const FileDescriptor lock(open((path + lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (lock && flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
            if (is_current(lock.get(), path + lock_name)) remove_contents(path);
            return {};
        }
        poll(nullptr, 0, 1);  // somebody looks at it
    }
    if (machine_life(base, name) == MachineLife::alive)
        return fail(ErrorKind::in_use,
                    fmt::format("machine '{}': it is running (hv stop {}, or hv rm -f)", name, name));
    return fail(ErrorKind::not_found,
                fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base));
}

}  // namespace hv
