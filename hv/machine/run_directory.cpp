// SPDX-License-Identifier: Apache-2.0
// Run directories: made, locked and removed.
#include "hv/machine/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "hv/core/errno_kind.h"
#include "hv/machine/machine_cgroup.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_lock.h"

namespace hv {

namespace {

/// A killed machine's guest may take a moment to die in its cgroup.
bool wait_for_cgroup(int directory, const std::string& name) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        if (remove_noted_cgroups(directory, name)) return true;
        const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
        nanosleep(&moment, nullptr);
    }
    return false;
}

Error cannot(const char* what, const std::string& path) {
    return {errno_kind(errno, ErrorKind::usage),
            fmt::format("run directory '{}': {}: {} (choose another one with --run-dir)", path, what,
                        std::strerror(errno))};
}

}  // namespace

bool is_machine_name(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (name.empty() || name.size() > 48 || !is_alphanumeric(name.front())) return false;
    for (const char c : name)
        if (!is_alphanumeric(c) && c != '.' && c != '_' && c != '-') return false;
    return true;
}

Result<RunDirectory> RunDirectory::create(const RunBase& base, const std::string& name) {
    if (!is_machine_name(name))
        return fail(ErrorKind::usage, fmt::format("machine name '{}': not 1 to 48 letters, digits, '.', '_' and '-', "
                                                  "starting with a letter or digit",
                                                  name));
    const std::string path = base.path_of(name);
    // Another hv may be removing a dead machine of this name: it holds the lock for an instant. Anything longer is
    // alive.
    for (int attempt = 0; attempt < 5; ++attempt) {
        MarkedDirectory made = MarkedDirectory::make(base.directory(), name, machine_mark);
        if (!made) {
            if (errno == ENOENT) continue;  // removed since it was found
            if (errno != EEXIST) return std::unexpected(cannot("cannot be made", path));
            return fail(ErrorKind::in_use, fmt::format("machine name '{}': '{}' is not a machine's directory (choose "
                                                       "another --name, or another --run-dir)",
                                                       name, path));
        }
        if (flock(made.lock(), LOCK_EX | LOCK_NB) != 0) {
            const timespec moment{.tv_sec = 0, .tv_nsec = 500'000};
            nanosleep(&moment, nullptr);
            continue;
        }
        if (!is_current_lock(base.directory(), name, made.lock())) continue;
        if (!wait_for_cgroup(made.directory(), name)) break;
        const auto epitaph = read_epitaph(made.lock());
        if (epitaph && epitaph->kept)
            return fail(ErrorKind::in_use,
                        fmt::format("machine name '{}': an ended machine of this name is kept (hv rm {}, "
                                    "or choose another --name)",
                                    name, name));
        return take(base, name, std::move(made));
    }
    return fail(ErrorKind::in_use,
                fmt::format("machine name '{}': a machine of this name is running (stop it, or choose "
                            "another --name)",
                            name));
}

Result<RunDirectory> RunDirectory::reopen(const RunBase& base, const std::string& name) {
    // Commands that look at the machine hold its lock for an instant.
    for (int attempt = 0; attempt < 50 && machine_life(base, name) == MachineLife::ended; ++attempt) {
        MarkedDirectory found = MarkedDirectory::find(base.directory(), name, machine_mark);
        if (found.lock() >= 0 && flock(found.lock(), LOCK_EX | LOCK_NB) == 0) {
            const auto epitaph = read_epitaph(found.lock());
            if (is_current_lock(base.directory(), name, found.lock()) && epitaph && epitaph->kept) {
                TRY(RunDirectory directory, take(base, name, std::move(found)));
                directory.former_exit_code_ = epitaph->exit_code;
                return directory;
            }
        }
        const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
        nanosleep(&moment, nullptr);
    }
    if (machine_life(base, name) == MachineLife::alive)
        return fail(ErrorKind::in_use, fmt::format("machine '{}': it is running already", name));
    return fail(
        ErrorKind::not_found,
        fmt::format("machine '{}': no ended machine of this name is kept in '{}' (hv ps -a)", name, base.path()));
}

/// `marked` is locked by this process.
Result<RunDirectory> RunDirectory::take(const RunBase& base, const std::string& name, MarkedDirectory marked) {
    RunDirectory result(name, base.path_of(name));
    // A name is taken again with a lock that says nothing of the machine before.
    if (!write_mark(marked.lock(), machine_mark)) return std::unexpected(cannot("cannot be locked", result.path_));
    // A dead machine's socket would make bind() fail.
    unlinkat(marked.directory(), api_socket, 0);
    result.base_ = FileDescriptor(fcntl(base.directory(), F_DUPFD_CLOEXEC, 0));
    result.lock_ = marked.take_lock();
    result.directory_ = marked.take_directory();
    return result;
}

Result<RunDirectory> RunDirectory::create_named_after(const RunBase& base, std::string_view prefix) {
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

Result<RunDirectory> RunDirectory::create_for(const RunBase& base, const std::string& name, std::string_view image) {
    if (!name.empty()) return create(base, name);
    const std::string_view file = image.substr(image.rfind('/') + 1);
    return create_named_after(base, file.substr(0, file.rfind('.')));
}

RunDirectory RunDirectory::inherited() const {
    RunDirectory same(name_, path_);
    same.lock_ = FileDescriptor(lock_.get());
    same.keep_ = true;
    // The parent's descriptors are closed.
    const FileDescriptor directory(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    static_cast<void>(wait_for_cgroup(directory.get(), name_));
    // The sockets of an hv before this one would make bind() fail.
    for (const std::string& socket : {same.socket_path(), same.agent_socket_path()}) unlink(socket.c_str());
    return same;
}

RunDirectory::~RunDirectory() {
    // By now the name may be another machine's.
    if (lock_ && !keep_ && is_current_lock(base_.get(), name_, lock_.get())) remove();
}

void RunDirectory::remove() { remove_machine_directory(base_.get(), name_, directory_.get()); }

void RunDirectory::end(int exit_code, bool keep) {
    const bool written = write_epitaph(lock_.get(), {keep, exit_code});
    // Removed at once: a client that is notified of the end finds no directory.
    if (!keep || !written) remove();
    // The kept directory of a machine holds no memory.
    if (keep) static_cast<void>(wait_for_cgroup(directory_.get(), name_));
    keep_ = keep && written;
}

Result<> RunDirectory::write(const std::string& file_name, std::string_view text) const {
    return replace_machine_file(path_of(file_name.c_str()), text);
}

Result<> replace_machine_file(const std::string& path, std::string_view text) {
    const std::string fresh = path + std::string(fresh_suffix);
    {
        // Left behind by an hv that was killed, or put there by one that a guest took over.
        unlink(fresh.c_str());
        const FileDescriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            return std::unexpected(cannot("cannot be written", fresh));
    }
    if (rename(fresh.c_str(), path.c_str()) != 0) return std::unexpected(cannot("cannot be written", path));
    return {};
}

}  // namespace hv
