// SPDX-License-Identifier: Apache-2.0
// Content-addressed copies of files.
//
// The directory holds each copy under the SHA-256 of its content, and a symbolic link for each known source file. The
// link's name identifies the file and its state, and it points to the copy: a warm start costs one stat and two opens.
#include "hv/image/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sha2.h>  // libmd
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include "hv/core/host_clock.h"
#include "hv/image/store_directory.h"

namespace hv {

namespace {

/// A file may be written twice within one tick of its file system's clock. A file that changed more recently than this
/// is not recognised by its times (git's "racy" rule).
constexpr std::int64_t settled_ns = 2'000'000'000;

/// A name for a file in its present state: equal names mean equal content.
std::string state_name(const struct stat& source) {
    std::string name(state_prefix);
    for (const auto part :
         {static_cast<std::int64_t>(source.st_dev), static_cast<std::int64_t>(source.st_ino),
          static_cast<std::int64_t>(source.st_size), nanoseconds(source.st_mtim), nanoseconds(source.st_ctim)})
        name += "-" + std::to_string(part);
    return name;
}

bool same_state(const struct stat& a, const struct stat& b) { return state_name(a) == state_name(b); }

bool is_settled(const struct stat& source) {
    return static_cast<std::int64_t>(host_realtime_ns()) - nanoseconds(source.st_ctim) > settled_ns;
}

Result<> check_size(const struct stat& source, const std::string& path) {
    if (!S_ISREG(source.st_mode)) return fail(ErrorKind::bad_image, "image '" + path + "': not a regular file");
    const auto size = static_cast<std::uint64_t>(source.st_size);
    if (size <= largest_stored_file) return {};
    return fail(ErrorKind::bad_image, fmt::format("image '{}': {} MiB, an image has at most {} MiB (strip -g removes "
                                                  "what is for debuggers)",
                                                  path, size >> 20, largest_stored_file >> 20));
}

/// Refuses a copy that does not fit, before it fills the file system in which all machines' directories are.
Result<> check_room(int directory, std::uint64_t size, const std::string& path) {
    struct statvfs room {};
    if (fstatvfs(directory, &room) != 0) return {};
    const std::uint64_t free = room.f_bavail * room.f_frsize;
    if (size <= free) return {};
    return fail(ErrorKind::no_memory, fmt::format("image '{}': its copy needs {} KiB, and where machines are kept {} "
                                                  "KiB are free (choose another --run-dir)",
                                                  path, size >> 10, free >> 10));
}

Result<StoredFile> open_copy(int directory, const std::string& name) {
    FileDescriptor file(openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::unexpected(store_error(name, "stored image", errno));
    // Without a lock: a file's locks are one list, which the kernel searches at each start and end of a machine.
    return StoredFile{std::move(file), static_cast<std::uint64_t>(status.st_size)};
}

bool is_zero(std::span<const std::uint8_t> bytes) {
    return bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

Result<> write_at(int target, std::span<const std::uint8_t> bytes, std::uint64_t offset, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = pwrite(target, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0) return std::unexpected(store_error(path, "cannot store image", errno));
        offset += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

/// Copies `size` bytes of `source` to `target`, leaving holes for zeros, and returns the hash of the bytes.
Result<std::string> copy_and_hash(int source, std::uint64_t size, int target, const std::string& path) {
    SHA2_CTX hash;
    SHA256Init(&hash);
    std::vector<std::uint8_t> buffer(256 * 1024);
    for (std::uint64_t done = 0; done < size;) {
        const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), size - done);
        const ssize_t got = pread(source, buffer.data(), wanted, static_cast<off_t>(done));
        if (got < 0) return std::unexpected(store_error(path, "cannot read image", errno));
        if (got == 0) return fail(ErrorKind::bad_image, "image '" + path + "': it was cut short while it was read");
        const std::span part(buffer.data(), static_cast<std::size_t>(got));
        SHA256Update(&hash, part.data(), part.size());
        if (!is_zero(part)) CHECK(write_at(target, part, done, path));
        done += part.size();
    }
    if (ftruncate(target, static_cast<off_t>(size)) != 0)
        return std::unexpected(store_error(path, "cannot store image", errno));
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
    SHA256Final(digest.data(), &hash);
    std::string name;
    for (const std::uint8_t byte : digest) name += fmt::format("{:02x}", byte);
    return name;
}

/// A temporary file, which is removed unless it was renamed.
class TemporaryFile {
public:
    explicit TemporaryFile(int directory) : directory_(directory) {
        std::uint64_t random = 0;
        // Cannot fail: at most 256 bytes, and the kernel's generator was ready before hv started.
        static_cast<void>(getrandom(&random, sizeof random, 0));
        name_ = fmt::format("{}{:016x}", unfinished_prefix, random);
        file_ = FileDescriptor(openat(directory, name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    }
    ~TemporaryFile() {
        if (file_ && !kept_) unlinkat(directory_, name_.c_str(), 0);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] bool keep_as(const std::string& name) {
        return kept_ = renameat(directory_, name_.c_str(), directory_, name.c_str()) == 0;
    }

private:
    int directory_;
    std::string name_;
    FileDescriptor file_;
    bool kept_ = false;
};

}  // namespace

Result<StoredFile> store_file(const std::string& path, const std::string& directory, const LookAtFile& look) {
    struct stat before {};
    if (stat(path.c_str(), &before) != 0) return std::unexpected(store_error(path, "image", errno));
    CHECK(check_size(before, path));
    TRY(const StoreDirectory store, StoreDirectory::open(directory));
    if (auto known = open_copy(store.file(), state_name(before))) return known;

    // O_NONBLOCK: the path may name another file by now, a pipe for example, whose open must not block.
    const FileDescriptor source(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!source || fstat(source.get(), &before) != 0) return std::unexpected(store_error(path, "image", errno));
    CHECK(check_size(before, path));
    const auto size = static_cast<std::uint64_t>(before.st_size);
    CHECK(look(source.get(), size));
    CHECK(check_room(store.file(), static_cast<std::uint64_t>(before.st_blocks) * 512, path));

    TemporaryFile copy(store.file());
    if (copy.file() < 0) return std::unexpected(store_error(directory, "cannot write to the image store", errno));
    TRY(const std::string hash, copy_and_hash(source.get(), size, copy.file(), path));
    // Look at the copy too: the file may have changed since the first look.
    CHECK(look(copy.file(), size));
    if (faccessat(store.file(), hash.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        // On a disk, a crash of the host could leave the name without its content, and later starts would use it.
        if (fchmod(copy.file(), 0400) != 0 || fsync(copy.file()) != 0 || !copy.keep_as(hash))
            return std::unexpected(store_error(path, "cannot store image", errno));
    }
    TRY(StoredFile result, open_copy(store.file(), hash));
    // Linked only if the file did not change while it was copied.
    struct stat after {};
    const std::string link = state_name(before);
    if (fstat(source.get(), &after) == 0 && same_state(before, after) && is_settled(after)) {
        if (symlinkat(hash.c_str(), store.file(), link.c_str()) != 0 && errno != EEXIST)
            return std::unexpected(store_error(link, "cannot write to the image store", errno));
    }
    store.clean();
    return result;
}

}  // namespace hv
