// SPDX-License-Identifier: Apache-2.0
// Paths.
#include "userland/posix/path.h"

#include <sys/stat.h>

#include <cstring>

#include "kernel/device/block_device.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

struct Device {
    std::string_view name;
    NodeKind kind;
};

constexpr Device devices[] = {
    {"dev/console", NodeKind::console}, {"dev/null", NodeKind::null},      {"dev/random", NodeKind::random},
    {"dev/tty", NodeKind::console},     {"dev/urandom", NodeKind::random}, {"dev/zero", NodeKind::zero},
};

constexpr mode_t read_only_disk = S_IFBLK | 0440, writable_disk = S_IFBLK | 0660;

/// A directory need not have an entry of its own: one below it is enough.
std::optional<std::string_view> implied_directory(std::string_view path) {
    if (path.empty()) return path;
    for (std::size_t index = archive_position(path);; ++index) {
        const auto entry = archive_at(index);
        if (!entry || !entry->name.starts_with(path)) return std::nullopt;
        // Between a directory and what is in it, names like "a-b" and "a.b" sort.
        if (entry->name.size() > path.size() && entry->name[path.size()] == '/')
            return entry->name.substr(0, path.size());
    }
}

Outcome<Node> find(std::string_view path) {
    const std::size_t index = archive_position(path);
    if (auto node = archive_node(index); node && node->name == path) {
        if (S_ISLNK(node->mode)) return fail_with(ELOOP);
        return *node;
    }
    if (auto name = implied_directory(path))
        return Node{NodeKind::directory, *name, {}, S_IFDIR | 0555, inode_of_root, 0};
    for (const Device& device : devices)
        if (device.name == path) return Node{device.kind, device.name, {}, S_IFCHR | 0666, inode_of_device, 0};
    constexpr std::string_view device_folder = "dev/";
    if (path.starts_with(device_folder)) {
        const std::string_view name = path.substr(device_folder.size());
        if (const BlockDevice* disk = find_block_device(name.data(), name.size()))
            return Node{NodeKind::disk,
                        disk->name(),
                        {},
                        disk->read_only() ? read_only_disk : writable_disk,
                        inode_of_device,
                        0};
    }
    return fail_with(ENOENT);
}

}  // namespace

Outcome<> NormalPath::append(std::string_view component) {
    if (component.empty() || component == ".") return {};
    if (component == "..") {
        while (size_ != 0 && text_[size_ - 1] != '/') --size_;
        if (size_ != 0) --size_;
        return {};
    }
    const std::size_t needed = component.size() + (size_ != 0 ? 1 : 0);
    if (needed > text_.size() - size_) return fail_with(ENAMETOOLONG);
    if (size_ != 0) text_[size_++] = '/';
    std::memcpy(text_.data() + size_, component.data(), component.size());
    size_ += component.size();
    return {};
}

Outcome<NormalPath> NormalPath::of(const char* path) {
    if (path == nullptr) return fail_with(EFAULT);
    std::string_view rest(path);
    if (rest.empty()) return fail_with(ENOENT);
    NormalPath result;
    result.wants_directory_ = rest.back() == '/';
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        CHECK(result.append(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
}

std::optional<Node> archive_node(std::size_t index) {
    const auto entry = archive_at(index);
    if (!entry) return std::nullopt;
    return Node{S_ISDIR(entry->mode) ? NodeKind::directory : NodeKind::regular,
                entry->name,
                entry->data,
                entry->mode & ~mode_t{0222},
                first_archive_inode + index,
                entry->modified};
}

Outcome<Node> find_node(const char* path) {
    TRY(const NormalPath normal, NormalPath::of(path));
    TRY(const Node node, find(normal.text()));
    if (normal.wants_directory() && node.kind != NodeKind::directory) return fail_with(ENOTDIR);
    return node;
}

}  // namespace tenon::posix
