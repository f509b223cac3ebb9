// SPDX-License-Identifier: Apache-2.0
// Run directories: made, locked and removed.
#include "hv/machine/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "hv/machine/memory_cgroup.h"
#include "hv/machine/run_lock.h"

namespace hv {

namespace {

/// A killed machine's guest may take a moment to die in its cgroup.
bool wait_for_cgroup(const std::string& path) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        if (remove_noted_cgroup(path)) return true;
        const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
        nanosleep(&moment, nullptr);
    }
    return false;
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
                                                          "--run-dir)",
                                                          base));
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
                                                  "starting with a letter or digit",
                                                  name));
    const std::string path = base + "/" + name;
    // Another hv may be removing a dead machine of this name: it holds the lock for an instant. Anything longer is
    // alive.
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
            return fail(ErrorKind::in_use,
                        fmt::format("machine name '{}': an ended machine of this name is kept (hv rm {}, "
                                    "or choose another --name)",
                                    name, name));
        // A name is taken again with a lock that says nothing of the machine before.
        if (epitaph && ftruncate(lock.get(), 0) != 0) return std::unexpected(cannot("cannot be locked", path));
        // A dead machine's socket would make bind() fail.
        unlink((path + "/api.sock").c_str());
        return RunDirectory(name, path, std::move(lock));
    }
    return fail(ErrorKind::in_use,
                fmt::format("machine name '{}': a machine of this name is running (stop it, or choose "
                            "another --name)",
                            name));
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

}  // namespace hv
