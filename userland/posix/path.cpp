// SPDX-License-Identifier: Apache-2.0
// Paths.
#include "userland/posix/path.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>

#include "kernel/device/block_device.h"
#include "kernel/sched/sync.h"
#include "userland/posix/archive_file.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

struct Device {
    std::string_view name;
    NodeKind kind;
    dev_t number;
};

constexpr Device devices[] = {
    {"dev/console", NodeKind::console, console_number},     {"dev/null", NodeKind::null, device_number(1, 3)},
    {"dev/random", NodeKind::random, device_number(1, 8)},  {"dev/tty", NodeKind::console, device_number(5, 0)},
    {"dev/urandom", NodeKind::random, device_number(1, 9)}, {"dev/zero", NodeKind::zero, device_number(1, 5)},
};

static_assert(devices[console_inode - first_device_inode].number == console_number);

constexpr mode_t read_only_disk = S_IFBLK | 0440, writable_disk = S_IFBLK | 0660;

constexpr std::string_view device_folder = "dev";

/// A directory need not have an entry of its own: an entry below it is enough.
std::optional<std::string_view> implied_directory(std::string_view path) {
    if (path.empty()) return path;
    for (std::size_t index = archive_position(path);; ++index) {
        const auto entry = archive_at(index);
        if (!entry || !entry->name.starts_with(path)) return std::nullopt;
        // Names like "a-b" and "a.b" sort between a directory and its contents.
        if (entry->name.size() > path.size() && entry->name[path.size()] == '/')
            return entry->name.substr(0, path.size());
    }
}

Outcome<Node> look_up(std::string_view path) {
    const std::size_t index = archive_position(path);
    if (const auto node = archive_node(index); node && node->name == path) return *node;
    auto directory = implied_directory(path);
    if (!directory && path == device_folder) directory = device_folder;
    if (directory) return Node{NodeKind::directory, *directory, {}, S_IFDIR | 0555, inode_of_root, 0};
    for (std::size_t i = 0; i != std::size(devices); ++i)
        if (devices[i].name == path)
            return Node{devices[i].kind,  devices[i].name, {}, character_device, first_device_inode + i, 0,
                        devices[i].number};
    if (path.starts_with(device_folder) && path.size() > device_folder.size() && path[device_folder.size()] == '/') {
        const std::string_view name = path.substr(device_folder.size() + 1);
        if (const BlockDevice* disk = find_block_device(name.data(), name.size()))
            return Node{NodeKind::disk,
                        disk->name(),
                        {},
                        disk->read_only() ? read_only_disk : writable_disk,
                        inode_of_others,
                        0};
    }
    return fail_with(ENOENT);
}

std::string_view without_leading_slashes(std::string_view path) {
    const std::size_t begin = path.find_first_not_of('/');
    return begin == path.npos ? std::string_view() : path.substr(begin);
}

}  // namespace

void PathWalk::step_up() {
    while (size_ != 0 && text_[size_ - 1] != '/') --size_;
    if (size_ != 0) --size_;
}

Outcome<> PathWalk::append(std::string_view component) {
    if (component.empty()) return {};
    const std::size_t needed = component.size() + (size_ != 0 ? 1 : 0);
    if (needed > text_.size() - size_) return fail_with(ENAMETOOLONG);
    if (size_ != 0) text_[size_++] = '/';
    std::memcpy(text_.data() + size_, component.data(), component.size());
    size_ += component.size();
    return {};
}

Outcome<> PathWalk::follow(const Node& link, std::string_view& rest) {
    constexpr unsigned most_links = 40;
    if (++links_ > most_links) return fail_with(ELOOP);
    const std::string_view target(reinterpret_cast<const char*>(link.data.data()), link.data.size());
    if (target.empty()) return fail_with(ENOENT);
    if (target.size() > rest_.size() - rest.size()) return fail_with(ENAMETOOLONG);
    // `rest` begins with a slash, if it is not empty.
    char* begin = rest_.data() + (rest_.size() - rest.size() - target.size());
    std::memcpy(begin, target.data(), target.size());
    rest = {begin, target.size() + rest.size()};
    if (target.front() == '/')
        size_ = 0;
    else
        step_up();
    return {};
}

Outcome<Node> PathWalk::walk(std::string_view base, const char* path, LastLink last) {
    if (path == nullptr) return fail_with(EFAULT);
    const std::size_t length = std::strlen(path);
    if (length == 0) return fail_with(ENOENT);
    if (length >= rest_.size()) return fail_with(ENAMETOOLONG);
    std::string_view rest(rest_.data() + rest_.size() - length, length);
    std::memcpy(rest_.data() + rest_.size() - length, path, length);
    if (*path != '/') CHECK(append(base));
    // Symbolic links are replaced by their targets in `rest`; a slash at its end says that the path has to end in a
    // directory.
    const bool wants_directory = rest.back() == '/';
    TRY(Node here, look_up(text()));
    while (!(rest = without_leading_slashes(rest)).empty()) {
        if (here.kind != NodeKind::directory) return fail_with(ENOTDIR);
        const std::string_view component = rest.substr(0, rest.find('/'));
        if (component.size() > NAME_MAX) return fail_with(ENAMETOOLONG);
        rest.remove_prefix(component.size());
        const bool is_last = without_leading_slashes(rest).empty();
        if (component == "..")
            step_up();
        else if (component != ".")
            CHECK(append(component));
        const auto next = look_up(text());
        if (!next) {
            only_last_is_missing_ = is_last;
            return std::unexpected(next.error());
        }
        here = *next;
        if (here.kind == NodeKind::link && (!is_last || !rest.empty() || last == LastLink::follow)) {
            CHECK(follow(here, rest));
            TRY(here, look_up(text()));
        }
    }
    if (wants_directory && here.kind != NodeKind::directory) return fail_with(ENOTDIR);
    return here;
}

std::optional<Node> archive_node(std::size_t index) {
    const auto entry = archive_at(index);
    if (!entry) return std::nullopt;
    NodeKind kind = NodeKind::regular;
    if (S_ISDIR(entry->mode)) kind = NodeKind::directory;
    if (S_ISLNK(entry->mode)) kind = NodeKind::link;
    return Node{kind, entry->name, entry->data, entry->mode, first_archive_inode + index, entry->modified};
}

namespace {

struct WorkingDirectory {
    Mutex mutex;
    std::string_view name;
};
constinit WorkingDirectory current;

}  // namespace

std::string_view working_directory() {
    const std::lock_guard guard(current.mutex);
    return current.name;
}

void set_working_directory(std::string_view name) {
    const std::lock_guard guard(current.mutex);
    current.name = name;
}

Outcome<std::string_view> base_of(int directory, const char* path) {
    if (path != nullptr && *path == '/') return std::string_view();
    if (directory == AT_FDCWD) return working_directory();
    TRY(FileReference file, file_of(directory));
    if (file->kind() != File::Kind::directory) return fail_with(ENOTDIR);
    return static_cast<const DirectoryFile&>(*file).node().name;
}

Outcome<Node> find_node(int directory, const char* path, LastLink last) {
    TRY(const std::string_view base, base_of(directory, path));
    PathWalk walk;
    return walk.walk(base, path, last);
}

}  // namespace tenon::posix
