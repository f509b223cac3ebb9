// SPDX-License-Identifier: Apache-2.0
// Content-addressed copies of files.
//
// In the directory: a copy under the SHA-256 of its content, and for each known source a symbolic link whose name says
// which file it was in which state, and that points to the copy. A warm start is one stat and one open.
#include "hv/image/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sha2.h>  // libmd
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <vector>

namespace hv {

namespace {

/// Copies that no machine uses are kept up to this number, the newest first.
constexpr std::size_t kept_unused = 8;
constexpr std::size_t hash_digits = 2 * SHA256_DIGEST_LENGTH;
/// A file may be written twice within one tick of its file system's clock: a younger one is not recognised by its
/// times (git's "racy" rule).
constexpr std::int64_t settled_ns = 2'000'000'000;

Error path_error(const std::string& path, const char* what, int error) {
    ErrorKind kind = ErrorKind::internal;
    if (error == ENOENT || error == ENOTDIR) kind = ErrorKind::not_found;
    if (error == EACCES || error == EPERM || error == EROFS) kind = ErrorKind::no_permission;
    if (error == ENOSPC || error == EDQUOT || error == ENOMEM) kind = ErrorKind::no_memory;
    return {kind, std::string(what) + " '" + path + "': " + std::strerror(error)};
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

/// Names a file in one state: the same name means the same content.
std::string state_name(const struct stat& source) {
    std::string name = "of";
    for (const auto part :
         {static_cast<std::int64_t>(source.st_dev), static_cast<std::int64_t>(source.st_ino),
          static_cast<std::int64_t>(source.st_size), nanoseconds(source.st_mtim), nanoseconds(source.st_ctim)})
        name += "-" + std::to_string(part);
    return name;
}

bool same_state(const struct stat& a, const struct stat& b) { return state_name(a) == state_name(b); }

bool is_settled(const struct stat& source) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(now) - nanoseconds(source.st_ctim) > settled_ns;
}

Result<> make_directory(const std::string& path) {
    if (mkdir(path.c_str(), 0700) == 0) return {};
    if (errno != EEXIST) return std::unexpected(path_error(path, "cannot make the image store", errno));
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return std::unexpected(path_error(path, "image store", errno));
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 022) != 0)
        return fail(ErrorKind::no_permission, "image store '" + path + "': not a directory that only you can write to");
    return {};
}

Result<StoredFile> open_copy(const std::string& path) {
    FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0) return std::unexpected(path_error(path, "stored image", errno));
    // Whoever cleans up takes it exclusively. A copy that is removed between open and lock is still whole.
    flock(file.get(), LOCK_SH | LOCK_NB);
    return StoredFile{std::move(file), static_cast<std::uint64_t>(status.st_size)};
}

/// Copies all of `source` to `target`; returns the hash of what was written.
Result<std::string> copy_and_hash(int source, int target, const std::string& path) {
    SHA2_CTX hash;
    SHA256Init(&hash);
    std::vector<std::uint8_t> buffer(256 * 1024);
    for (;;) {
        const ssize_t size = read(source, buffer.data(), buffer.size());
        if (size < 0) return std::unexpected(path_error(path, "cannot read image", errno));
        if (size == 0) break;
        SHA256Update(&hash, buffer.data(), static_cast<std::size_t>(size));
        for (ssize_t done = 0; done < size;) {
            const ssize_t written = write(target, buffer.data() + done, static_cast<std::size_t>(size - done));
            if (written < 0) return std::unexpected(path_error(path, "cannot store image", errno));
            done += written;
        }
    }
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
    SHA256Final(digest.data(), &hash);
    std::string name;
    for (const std::uint8_t byte : digest) {
        name += "0123456789abcdef"[byte >> 4];
        name += "0123456789abcdef"[byte & 15];
    }
    return name;
}

/// A file that is removed unless it got another name.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& directory)
        : path_(directory + "/new.XXXXXX"), file_(mkostemp(path_.data(), O_CLOEXEC)) {}
    ~TemporaryFile() {
        if (file_ && !kept_) unlink(path_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] bool keep_as(const std::string& path) { return kept_ = rename(path_.c_str(), path.c_str()) == 0; }

private:
    std::string path_;
    FileDescriptor file_;
    bool kept_ = false;
};

struct UnusedCopy {
    std::int64_t made;
    std::string path;
};

/// Removes the oldest unused copies, and links and half-made copies that are of no use any more.
void clean(const std::string& directory) {
    DIR* listing = opendir(directory.c_str());
    if (listing == nullptr) return;
    std::vector<UnusedCopy> unused;
    std::vector<std::string> links;
    while (const dirent* entry = readdir(listing)) {
        const std::string path = directory + "/" + entry->d_name;
        if (std::strncmp(entry->d_name, "of-", 3) == 0) links.push_back(path);
        if (std::strlen(entry->d_name) != hash_digits) continue;
        const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        struct stat status {};
        if (file && fstat(file.get(), &status) == 0 && flock(file.get(), LOCK_EX | LOCK_NB) == 0)
            unused.push_back({nanoseconds(status.st_mtim), path});
    }
    closedir(listing);
    std::ranges::sort(unused, std::greater{}, &UnusedCopy::made);
    for (std::size_t i = kept_unused; i < unused.size(); ++i) unlink(unused[i].path.c_str());
    for (const std::string& link : links)
        if (access(link.c_str(), F_OK) != 0) unlink(link.c_str());
}

}  // namespace

Result<StoredFile> store_file(const std::string& path, const std::string& directory) {
    struct stat before {};
    if (stat(path.c_str(), &before) != 0) return std::unexpected(path_error(path, "image", errno));
    if (!S_ISREG(before.st_mode)) return fail(ErrorKind::bad_image, "image '" + path + "': not a regular file");
    const std::string link = directory + "/" + state_name(before);
    if (auto known = open_copy(link)) return known;

    CHECK(make_directory(directory));
    const FileDescriptor source(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!source) return std::unexpected(path_error(path, "image", errno));
    TemporaryFile copy(directory);
    if (copy.file() < 0) return std::unexpected(path_error(directory, "cannot write to the image store", errno));
    TRY(const std::string hash, copy_and_hash(source.get(), copy.file(), path));
    const std::string stored = directory + "/" + hash;

    struct stat after {};
    if (access(stored.c_str(), F_OK) != 0) {
        // On a disk a crash of the host could leave a name without content, which later starts would take for good.
        if (fchmod(copy.file(), 0400) != 0 || fsync(copy.file()) != 0 || !copy.keep_as(stored))
            return std::unexpected(path_error(stored, "cannot store image", errno));
    }
    TRY(StoredFile result, open_copy(stored));
    // Remembered only if it was at rest while it was read.
    if (fstat(source.get(), &after) == 0 && same_state(before, after) && is_settled(after)) {
        if (symlink(hash.c_str(), link.c_str()) != 0 && errno != EEXIST)
            return std::unexpected(path_error(link, "cannot write to the image store", errno));
    }
    clean(directory);
    return result;
}

}  // namespace hv
