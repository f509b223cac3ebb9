// SPDX-License-Identifier: Apache-2.0
// Opening and cleaning the directory of the image store.
#include "hv/image/store_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sha2.h>  // libmd
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "hv/core/errno_kind.h"
#include "hv/core/host_clock.h"
#include "hv/core/marked_directory.h"

namespace hv {

namespace {

constexpr std::string_view store_mark = "tenon images\n";
/// The store keeps so many copies that no machine uses, the newest ones.
constexpr std::size_t kept_unused = 8;
/// An unfinished copy that was not written to for so long is abandoned.
constexpr std::int64_t abandoned_ns = 600'000'000'000;

bool is_hash(std::string_view name) {
    return name.size() == 2 * SHA256_DIGEST_LENGTH &&
           name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Whether `file` is the only descriptor of its file, which is not mapped either: only then does the kernel grant a
/// write lease (fcntl(2)). Where there are no leases, every file counts as used.
bool is_unused(int file) {
    // A process that opens the file in this moment waits until the lease is back; SIGURG, of which nobody takes notice,
    // would tell of it.
    if (fcntl(file, F_SETSIG, SIGURG) != 0 || fcntl(file, F_SETLEASE, F_WRLCK) != 0) return false;
    return fcntl(file, F_SETLEASE, F_UNLCK) == 0;
}

struct UnusedCopy {
    std::int64_t made;
    std::string name;
};

}  // namespace

Error store_error(const std::string& path, const char* what, int error) {
    return {errno_kind(error), std::string(what) + " '" + path + "': " + std::strerror(error)};
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

Result<StoreDirectory> StoreDirectory::open(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string parent_path = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const std::string name = path.substr(slash + 1);
    const FileDescriptor parent(::open(parent_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!parent) return std::unexpected(store_error(path, "cannot make the image store", errno));
    auto marked = MarkedDirectory::make(parent.get(), name, store_mark);
    if (marked) {
        struct stat lock {};
        // Another hv may do so at the same time: both write the same.
        if (fstat(marked.lock(), &lock) == 0 && lock.st_size == 0 && !write_mark(marked.lock(), store_mark))
            return std::unexpected(store_error(path, "cannot make the image store", errno));
        return StoreDirectory(marked.take_directory(), true);
    }
    if (errno != EEXIST) return std::unexpected(store_error(path, "cannot make the image store", errno));
    FileDescriptor directory(openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (!directory || fstat(directory.get(), &status) != 0 || status.st_uid != geteuid() || (status.st_mode & 022) != 0)
        return fail(ErrorKind::no_permission,
                    "image store '" + path + "': not a directory that only you can write to (remove it)");
    return StoreDirectory(std::move(directory), false);
}

void StoreDirectory::clean() const {
    if (!marked_) return;
    const int again = openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(again < 0 ? nullptr : fdopendir(again), closedir);
    std::vector<UnusedCopy> unused;
    std::vector<std::string> links;
    while (const dirent* entry = listing ? readdir(listing.get()) : nullptr) {
        const std::string name = entry->d_name;
        const bool unfinished = name.starts_with(unfinished_prefix);
        struct stat status {};
        if (fstatat(file(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISLNK(status.st_mode) && name.starts_with(state_prefix)) links.push_back(name);
        if (!S_ISREG(status.st_mode)) continue;
        if (unfinished && static_cast<std::int64_t>(host_realtime_ns()) - nanoseconds(status.st_mtim) > abandoned_ns)
            unlinkat(file(), name.c_str(), 0);
        if (!is_hash(name)) continue;
        const FileDescriptor copy(openat(file(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (copy && is_unused(copy.get())) unused.push_back({nanoseconds(status.st_mtim), name});
    }
    std::ranges::sort(unused, std::greater{}, &UnusedCopy::made);
    for (std::size_t i = kept_unused; i < unused.size(); ++i) unlinkat(file(), unused[i].name.c_str(), 0);
    for (const std::string& link : links)
        if (faccessat(file(), link.c_str(), F_OK, 0) != 0) unlinkat(file(), link.c_str(), 0);
}

}  // namespace hv
