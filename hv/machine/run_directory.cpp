// SPDX-License-Identifier: Apache-2.0
// Run directories: made, locked, found and removed.
#include "hv/machine/run_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
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

#include "hv/core/text.h"
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

/// What the lock's file says of a machine that has ended: "kept 7", or "gone 7" where nothing is kept.
struct Epitaph {
    bool kept;
    int exit_code;
};
constexpr std::string_view kept_word = "kept ", gone_word = "gone ";

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
        const auto epitaph = read_epitaph(lock.get());
        if (epitaph && epitaph->kept)
            return fail(ErrorKind::in_use, fmt::format("machine name '{}': an ended machine of this name is kept (hv rm {}, "
                                                       "or choose another --name)", name, name));
        // A name is taken again with a lock that says nothing of the machine before.
        if (epitaph && ftruncate(lock.get(), 0) != 0) return std::unexpected(cannot("cannot be locked", path));
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

Result<RunDirectory> RunDirectory::create_for(const std::string& base, const std::string& name,
                                              std::string_view image) {
    if (!name.empty()) return create(base, name);
    const std::string_view file = image.substr(image.rfind('/') + 1);
    return create_named_after(base, file.substr(0, file.rfind('.')));
}

RunDirectory RunDirectory::inherited() const {
    RunDirectory same(name_, path_, FileDescriptor(lock_.get()));
    same.keep_ = true;
    static_cast<void>(wait_for_cgroup(path_));
    // The sockets of an hv before this one would make bind() fail.
    for (const std::string& socket : {same.socket_path(), same.agent_socket_path()}) unlink(socket.c_str());
    return same;
}

RunDirectory::RunDirectory(RunDirectory&& other) noexcept
    : name_(std::move(other.name_)), path_(std::move(other.path_)), lock_(std::move(other.lock_)), keep_(other.keep_) {}

RunDirectory::~RunDirectory() {
    // By now the name may be another machine's.
    if (lock_ && !keep_ && is_current(lock_.get(), path_ + lock_name)) remove_contents(path_);
}

void RunDirectory::end(int exit_code, bool keep) {
    const std::string line = fmt::format("{}{}\n", keep ? kept_word : gone_word, exit_code);
    const bool written = pwrite(lock_.get(), line.data(), line.size(), 0) == static_cast<ssize_t>(line.size());
    // At once: whoever hears of the end finds nothing any more.
    if (!keep || !written) remove_contents(path_);
    // What is kept of a machine holds no memory.
    if (keep) static_cast<void>(wait_for_cgroup(path_));
    keep_ = keep && written;
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

namespace {

/// The directory of a machine that runs.
Result<std::string> find_machine(const std::string& base, const std::string& name) {
    switch (machine_life(base, name)) {
        case MachineLife::alive: return base + "/" + name;
        case MachineLife::ended:
            return fail(ErrorKind::not_found, fmt::format("machine '{}': it has ended (hv ps -a, hv rm)", name));
        case MachineLife::absent: break;
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
    for (const std::string& name : machine_names(base)) check_and_clean(base + "/" + name);
}

Result<MachineEnd> MachineEnd::of(const std::string& base, const std::string& name) {
    if (machine_life(base, name) != MachineLife::absent) {
        FileDescriptor lock(open((base + "/" + name + lock_name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (lock) return MachineEnd(std::move(lock));
    }
    return fail(ErrorKind::not_found, fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base));
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
        return fail(ErrorKind::in_use, fmt::format("machine '{}': it is running (hv stop {}, or hv rm -f)", name, name));
    return fail(ErrorKind::not_found, fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base));
}

}  // namespace hv
