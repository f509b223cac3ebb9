// SPDX-License-Identifier: Apache-2.0
// Run directories: made, locked, found and removed.
#include "hv/machine/run_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

#include "hv/machine/memory_cgroup.h"

namespace hv {

namespace {

constexpr char lock_name[] = "/lock";

/// Whether `lock` is still the file at `path`: a remover may have unlinked it between open and flock.
bool is_current(int lock, const std::string& path) {
    struct stat ours {}, there {};
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

/// A killed machine's guest may take a moment to die in its cgroup.
bool wait_for_cgroup(const std::string& path) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        if (remove_noted_cgroup(path)) return true;
        const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
        nanosleep(&moment, nullptr);
    }
    return false;
}

enum class Liveness { alive, dead, absent };

/// Looks whether the machine at `path` runs, and removes what is left of it if not.
Liveness check_and_clean(const std::string& path) {
    const FileDescriptor lock(open((path + lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!lock) {
        // A directory without a lock is one that is being made or removed at this moment, or was left in the middle of
        // it. An empty one can go: its maker finds out when it opens the lock, and starts again.
        if (errno != ENOENT) return Liveness::alive;
        return rmdir(path.c_str()) == 0 ? Liveness::dead : Liveness::absent;
    }
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return Liveness::alive;
    if (is_current(lock.get(), path + lock_name)) remove_contents(path);
    return Liveness::dead;
}

Error cannot(const char* what, const std::string& path) {
    const ErrorKind kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::not_found : ErrorKind::no_permission;
    return {kind, fmt::format("run directory '{}': {}: {} (choose another one with --run-dir)", path, what,
                              std::strerror(errno))};
}

}  // namespace

std::string default_run_base() {
    const uid_t user = geteuid();
    if (user == 0) return "/run/tenon";
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0)
        return std::string(runtime) + "/tenon";
    return fmt::format("/tmp/tenon-{}", user);
}

Result<> prepare_run_base(const std::string& base) {
    if (mkdir(base.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(cannot("cannot be made", base));
    struct stat about {};
    if (lstat(base.c_str(), &about) != 0) return std::unexpected(cannot("cannot be read", base));
    // In /tmp anybody could have made it first, to give machines sockets of his own.
    if (!S_ISDIR(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 077) != 0)
        return fail(ErrorKind::no_permission, fmt::format("run directory '{}': is not a directory of this user alone, "
                                                          "with mode 0700 (remove it, or choose another one with "
                                                          "--run-dir)", base));
    return {};
}

bool is_machine_name(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (name.empty() || name.size() > 48 || !is_alphanumeric(name.front())) return false;
    for (const char c : name)
        if (!is_alphanumeric(c) && c != '.' && c != '_' && c != '-') return false;
    return true;
}

Result<RunDirectory> RunDirectory::create(const std::string& base, const std::string& name) {
    if (!is_machine_name(name))
        return fail(ErrorKind::usage, fmt::format("machine name '{}': not 1 to 48 letters, digits, '.', '_' and '-', "
                                                  "starting with a letter or digit", name));
    const std::string path = base + "/" + name;
    // Another hv may be removing a dead machine of this name: it holds the lock for an instant. Anything longer is alive.
    for (int attempt = 0; attempt < 5; ++attempt) {
        if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(cannot("cannot be made", path));
        FileDescriptor lock(open((path + lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!lock) {
            if (errno == ENOENT) continue;  // removed since mkdir
            return std::unexpected(cannot("cannot be locked", path));
        }
        if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
            const timespec moment{.tv_sec = 0, .tv_nsec = 500'000};
            nanosleep(&moment, nullptr);
            continue;
        }
        if (!is_current(lock.get(), path + lock_name)) continue;
        if (!wait_for_cgroup(path)) break;
        // A dead machine's socket would make bind() fail.
        unlink((path + "/api.sock").c_str());
        return RunDirectory(name, path, std::move(lock));
    }
    return fail(ErrorKind::in_use, fmt::format("machine name '{}': a machine of this name is running (stop it, or choose "
                                               "another --name)", name));
}

Result<RunDirectory> RunDirectory::create_named_after(const std::string& base, std::string_view prefix) {
    std::string stem;
    for (const char c : prefix.substr(0, 32))
        if (is_machine_name(std::string("a") + c)) stem += c;
    if (stem.empty() || !is_machine_name(stem)) stem = "machine";
    for (;;) {
        std::uint32_t random = 0;
        // Cannot fail: at most 256 bytes, and the kernel's generator is long ready.
        static_cast<void>(getrandom(&random, sizeof random, 0));
        auto made = create(base, fmt::format("{}-{:06x}", stem, random & 0xFFFFFF));
        if (made || made.error().kind != ErrorKind::in_use) return made;
    }
}

RunDirectory::~RunDirectory() {
    if (lock_) remove_contents(path_);
}

Result<> RunDirectory::write(const std::string& file_name, std::string_view text) const {
    const std::string target = path_ + "/" + file_name;
    const std::string fresh = target + ".new";
    {
        const FileDescriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            return std::unexpected(cannot("cannot be written", fresh));
    }
    if (rename(fresh.c_str(), target.c_str()) != 0) return std::unexpected(cannot("cannot be written", target));
    return {};
}

std::vector<std::string> machine_names(const std::string& base) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(base.c_str()), closedir);
    while (const dirent* entry = directory ? readdir(directory.get()) : nullptr)
        if (is_machine_name(entry->d_name)) names.emplace_back(entry->d_name);
    std::ranges::sort(names);
    return names;
}

namespace {

/// The directory of a machine that runs.
Result<std::string> find_machine(const std::string& base, const std::string& name) {
    if (is_machine_name(name)) {
        const std::string path = base + "/" + name;
        if (check_and_clean(path) == Liveness::alive) return path;
    }
    return fail(ErrorKind::not_found, fmt::format("machine '{}': no machine of this name is running in '{}'", name, base));
}

}  // namespace

Result<std::string> find_machine_socket(const std::string& base, const std::string& name) {
    TRY(const std::string path, find_machine(base, name));
    return path + "/api.sock";
}

Result<std::string> find_agent_socket(const std::string& base, const std::string& name) {
    TRY(const std::string path, find_machine(base, name));
    return path + "/agent.sock";
}

void remove_dead_machines(const std::string& base) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(base.c_str()), closedir);
    if (!directory) return;
    while (const dirent* entry = readdir(directory.get()))
        if (is_machine_name(entry->d_name)) check_and_clean(base + "/" + entry->d_name);
}

}  // namespace hv
