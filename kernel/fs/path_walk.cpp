// SPDX-License-Identifier: Apache-2.0
// Paths.
#include "kernel/fs/path_walk.h"

#include <cstring>

namespace tenon {

namespace {

std::string_view without_leading_slashes(std::string_view path) {
    const std::size_t begin = path.find_first_not_of('/');
    return begin == path.npos ? std::string_view() : path.substr(begin);
}

LastName kind_of(std::string_view name) {
    if (name == ".") return LastName::dot;
    return name == ".." ? LastName::dots : LastName::ordinary;
}

Outcome<InodeReference> child_of(Inode& directory, std::string_view name) {
    if (!directory.is_directory()) return fail_with(ENOTDIR);
    if (name == ".") return InodeReference::share(directory);
    if (name == "..") return parent_of(directory);
    if (name.size() > NAME_MAX) return fail_with(ENAMETOOLONG);
    TRY(InodeReference child, directory.look_up(name));
    return cross_mounts(std::move(child));
}

}  // namespace

Outcome<> PathWalk::follow(Inode& link) {
    constexpr unsigned most_links = 40;
    if (++links_ > most_links) return fail_with(ELOOP);
    // Room for the target ahead of the rest; a target that fills it all may have been cut.
    const std::size_t room = text_.size() - rest_.size();
    TRY(const std::size_t size, link.read_link({text_.data(), room}));
    if (size == 0) return fail_with(ENOENT);
    if (size == room) return fail_with(ENAMETOOLONG);
    char* const begin = text_.data() + room - size;
    std::memmove(begin, text_.data(), size);
    rest_ = {begin, size + rest_.size()};
    if (*begin == '/') directory_ = root_directory();
    return {};
}

Outcome<> PathWalk::walk() {
    for (;;) {
        rest_ = without_leading_slashes(rest_);
        if (!directory_->is_directory()) return fail_with(ENOTDIR);
        name_ = rest_.substr(0, rest_.find('/'));
        rest_.remove_prefix(name_.size());
        last_ = name_.empty() ? LastName::root : kind_of(name_);
        if (without_leading_slashes(rest_).empty()) break;
        TRY(InodeReference next, child_of(*directory_, name_));
        if (next->is_link())
            CHECK(follow(*next));
        else
            directory_ = std::move(next);
    }
    if (name_.size() > NAME_MAX) return fail_with(ENAMETOOLONG);
    return {};
}

Outcome<> PathWalk::to_parent(InodeReference base, const char* path) {
    if (path == nullptr) return fail_with(EFAULT);
    const std::size_t length = std::strlen(path);
    if (length == 0) return fail_with(ENOENT);
    if (length >= text_.size()) return fail_with(ENAMETOOLONG);
    char* const begin = text_.data() + text_.size() - length;
    std::memcpy(begin, path, length);
    rest_ = {begin, length};
    directory_ = *path == '/' ? root_directory() : std::move(base);
    return walk();
}

Outcome<InodeReference> PathWalk::find_last() {
    if (last_ == LastName::root) return InodeReference::share(*directory_);
    auto found = child_of(*directory_, name_);
    is_missing_ = !found && found.error().code == ENOENT;
    return found;
}

Outcome<InodeReference> PathWalk::to_end(InodeReference base, const char* path, LastLink last) {
    CHECK(to_parent(std::move(base), path));
    return to_end(last);
}

Outcome<InodeReference> PathWalk::to_end(LastLink last) {
    for (;;) {
        TRY(InodeReference found, find_last());
        if (found->is_link() && (last == LastLink::follow || has_trailing_slash())) {
            CHECK(follow(*found));
            CHECK(walk());
            continue;
        }
        if (has_trailing_slash() && !found->is_directory()) return fail_with(ENOTDIR);
        return found;
    }
}

Outcome<std::span<char>> path_of_directory(Inode& directory, std::span<char> buffer) {
    std::size_t begin = buffer.size();
    const InodeReference root = root_directory();
    InodeReference place = InodeReference::share(directory);
    while (place.get() != root.get()) {
        TRY(InodeReference above, parent_of(*place));
        // The name that the directory above has for it, or for what it is mounted on.
        Inode* named = place.get();
        while (named == &named->file_system().root() && named->file_system().covered() != nullptr)
            named = named->file_system().covered();
        std::uint64_t cookie = 0;
        DirectoryEntry entry;
        do {
            TRY(const bool found, above->read_entry(cookie, entry));
            if (!found) return fail_with(ENOENT);
        } while (entry.inode != named->number());
        if (begin < entry.name_size + 1) return fail_with(ERANGE);
        begin -= entry.name_size;
        std::memcpy(buffer.data() + begin, entry.name, entry.name_size);
        buffer[--begin] = '/';
        place = std::move(above);
    }
    if (begin == buffer.size()) {
        if (begin == 0) return fail_with(ERANGE);
        buffer[--begin] = '/';
    }
    return buffer.subspan(begin);
}

}  // namespace tenon
