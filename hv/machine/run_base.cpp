// SPDX-License-Identifier: Apache-2.0
// Finding and checking run directories.
#include "hv/machine/run_base.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

/// Follows a path from the root, name by name, and looks at each directory before it enters it.
class Walk {
public:
    Walk(const std::string& path, bool make) : path_(path), make_(make) {}

    /// Open for reading; none: there is no such directory, and it is not to be made.
    Result<FileDescriptor> run() {
        FileDescriptor root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        struct stat about {};
        if (!root || fstat(root.get(), &about) != 0) return cannot("cannot be read");
        // The owner of the root directory can do anything. In a user namespace that may be an id that stands for root.
        root_owner_ = about.st_uid;
        way_.push_back({std::move(root), "/"});
        if (path_.empty() || path_.front() != '/') {
            char current[PATH_MAX];
            if (getcwd(current, sizeof current) == nullptr) return cannot("the current directory cannot be read");
            left_ = std::string(current) + "/";
        }
        left_ += path_;
        while (true) {
            const std::string name = take_name();
            if (name.empty()) break;
            TRY(const bool entered, enter(name));
            if (!entered) return FileDescriptor();
        }
        return finish();
    }

private:
    struct Step {
        FileDescriptor directory;
        std::string path;
    };

    std::string take_name() {
        std::size_t begin = left_.find_first_not_of('/');
        if (begin == std::string::npos) return {};
        const std::size_t end = std::min(left_.find('/', begin), left_.size());
        std::string name = left_.substr(begin, end - begin);
        left_.erase(0, end);
        return name;
    }
    [[nodiscard]] bool is_last() const { return left_.find_first_not_of('/') == std::string::npos; }

    /// False: there is no such name.
    Result<bool> enter(const std::string& name) {
        if (name == ".") return true;
        if (name == "..") {
            if (way_.size() > 1) way_.pop_back();
            return true;
        }
        CHECK(check_step());
        const int from = way_.back().directory.get();
        FileDescriptor next = look(from, name);
        if (!next && errno == ENOENT && make_ && is_last()) {
            // Another hv may make it at this moment.
            if (mkdirat(from, name.c_str(), 0700) != 0 && errno != EEXIST) return cannot("cannot be made");
            next = look(from, name);
        }
        if (!next && errno == ENOENT && !make_) return false;
        struct stat about {};
        if (!next || fstat(next.get(), &about) != 0) return cannot(make_ ? "cannot be made" : "cannot be read");
        if (S_ISLNK(about.st_mode)) {
            CHECK(follow(next.get(), about));
            return true;
        }
        if (!S_ISDIR(about.st_mode)) {
            errno = ENOTDIR;
            return cannot(make_ ? "cannot be made" : "cannot be read");
        }
        const std::string& parent = way_.back().path;
        std::string path = (parent == "/" ? "" : parent) + "/" + name;
        way_.push_back({std::move(next), std::move(path)});
        return true;
    }

    static FileDescriptor look(int from, const std::string& name) {
        return FileDescriptor(openat(from, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    }

    /// No other user can exchange entries of the directory that the walk has reached.
    Result<> check_step() const {
        struct stat about {};
        if (fstat(way_.back().directory.get(), &about) != 0) return cannot("cannot be read");
        if (!is_trusted(about.st_uid))
            return refuse(fmt::format("'{}' belongs to another user (uid {}), who can replace the files in it",
                                      way_.back().path, about.st_uid),
                          "choose another one with --run-dir");
        if ((about.st_mode & 022) != 0 && (about.st_mode & S_ISVTX) == 0)
            return refuse(fmt::format("other users can write to '{}', and replace the files in it", way_.back().path),
                          fmt::format("chmod go-w {}, or choose another one with --run-dir", way_.back().path));
        return {};
    }

    Result<> follow(int link, const struct stat& about) {
        if (is_last()) return not_alone();
        if (!is_trusted(about.st_uid))
            return refuse(fmt::format("it leads through a symbolic link of another user (uid {})", about.st_uid),
                          "choose another one with --run-dir");
        constexpr int most_links = 40;  // as the kernel has it
        char target[PATH_MAX];
        const ssize_t size = readlinkat(link, "", target, sizeof target);
        if (++links_ > most_links) errno = ELOOP;
        if (size <= 0 || links_ > most_links) return cannot("cannot be read");
        const std::string_view text(target, static_cast<std::size_t>(size));
        if (text.front() == '/') way_.resize(1);
        left_.insert(0, text);
        return {};
    }

    Result<FileDescriptor> finish() const {
        FileDescriptor base(openat(way_.back().directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        struct stat about {};
        if (fstat(way_.back().directory.get(), &about) != 0) return cannot("cannot be read");
        // In /tmp another user could have made it first, to give machines sockets of his own.
        if (about.st_uid != geteuid() || (about.st_mode & 077) != 0) return not_alone();
        if (!base) return cannot("cannot be read");
        return base;
    }

    [[nodiscard]] bool is_trusted(uid_t owner) const {
        return owner == 0 || owner == geteuid() || owner == root_owner_;
    }

    [[nodiscard]] std::unexpected<Error> refuse(const std::string& why, const std::string& advice) const {
        return fail(ErrorKind::no_permission, fmt::format("run directory '{}': {} ({})", path_, why, advice));
    }
    [[nodiscard]] std::unexpected<Error> not_alone() const {
        return refuse("is not a directory of this user alone, with mode 0700", "choose another one with --run-dir");
    }
    [[nodiscard]] std::unexpected<Error> cannot(const char* what) const {
        return fail(errno_kind(errno, ErrorKind::usage),
                    fmt::format("run directory '{}': {}: {} (choose another one with --run-dir)", path_, what,
                                std::strerror(errno)));
    }

    const std::string& path_;
    bool make_;
    std::string left_;       ///< of the path, still to be followed
    std::vector<Step> way_;  ///< from the root to where the walk is
    uid_t root_owner_ = 0;
    int links_ = 0;
};

}  // namespace

std::string default_run_base() {
    if (const char* chosen = std::getenv(run_directory_variable); chosen != nullptr && chosen[0] != '\0') return chosen;
    const uid_t user = geteuid();
    if (user == 0) return "/run/tenon";
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0)
        return std::string(runtime) + "/tenon";
    return fmt::format("/tmp/tenon-{}", user);
}

Result<RunBase> RunBase::open(const std::string& path) {
    std::string chosen = path.empty() ? default_run_base() : path;
    TRY(FileDescriptor directory, Walk(chosen, false).run());
    return RunBase(std::move(chosen), std::move(directory));
}

Result<RunBase> RunBase::prepare(const std::string& path) {
    std::string chosen = path.empty() ? default_run_base() : path;
    TRY(FileDescriptor directory, Walk(chosen, true).run());
    return RunBase(std::move(chosen), std::move(directory));
}

Result<FileDescriptor> RunBase::lock(const std::string& name) const {
    const std::string path = path_of(name);
    FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    int locked = -1;
    while (lock && (locked = flock(lock.get(), LOCK_EX)) != 0 && errno == EINTR) {
    }
    if (locked != 0)
        return fail(errno_kind(errno), fmt::format("'{}' cannot be locked: {}", path, std::strerror(errno)));
    return lock;
}

}  // namespace hv
