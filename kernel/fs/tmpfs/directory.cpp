// SPDX-License-Identifier: Apache-2.0
// A directory in RAM.
#include "kernel/fs/tmpfs/directory.h"

#include "kernel/fs/tmpfs/link.h"
#include "kernel/fs/tmpfs/regular_file.h"

namespace tenon::tmpfs {

namespace {

Node& node_of(const Name<InodeReference>& name) { return static_cast<Node&>(*name.meaning); }
const Directory& directory_of(const Node& node) { return static_cast<const Directory&>(node); }

}  // namespace

Directory::Directory(Tmpfs& tmpfs, mode_t mode, Directory* parent)
    : Node(tmpfs, mode),
      names_(tmpfs.seed()),
      parent_(parent != nullptr ? InodeReference::share(*parent) : InodeReference()) {
    add_links(1);
}

/// As Linux's: 20 bytes for each entry, with "." and "..".
void Directory::measure(struct stat& status) const {
    constexpr std::size_t entry_size = 20;
    status.st_size = static_cast<off_t>((names_.count() + 2) * entry_size);
}

void Directory::touch() {
    const std::lock_guard guard(mutex_);
    touch_modified();
}

Outcome<InodeReference> Directory::look_up(std::string_view name) {
    const std::lock_guard guard(tmpfs().naming());
    const Table::Name* found = names_.find(name);
    if (found == nullptr) return fail_with(ENOENT);
    return InodeReference::share(*found->meaning);
}

Outcome<InodeReference> Directory::parent() {
    const std::lock_guard guard(tmpfs().naming());
    return InodeReference::share(parent_ ? *parent_ : *this);
}

Outcome<InodeReference> Directory::make_child(mode_t mode, std::string_view target) {
    switch (mode & S_IFMT) {
        case S_IFREG:
        case S_IFSOCK: return make_node<RegularFile>(tmpfs(), mode);  // a socket's has a name, and no contents
        case S_IFDIR: return make_node<Directory>(tmpfs(), mode, this);
        case S_IFLNK: return Link::make(tmpfs(), mode, target);
        default: return fail_with(EPERM);
    }
}

Outcome<> Directory::add(std::string_view name, InodeReference inode) {
    Node& node = static_cast<Node&>(*inode);
    CHECK(names_.add(name, std::move(inode)));
    node.add_links(1);
    if (node.is_directory()) add_links(1);
    touch();
    return {};
}

Outcome<InodeReference> Directory::create(std::string_view name, mode_t mode, std::string_view target) {
    const std::lock_guard guard(tmpfs().naming());
    if (names_.find(name) != nullptr) return fail_with(EEXIST);
    if (is_removed()) return fail_with(ENOENT);
    TRY(InodeReference child, make_child(mode, target));
    static_cast<Node&>(*child).inherit(*this);
    CHECK(add(name, InodeReference::share(*child)));
    return child;
}

Outcome<> Directory::link(std::string_view name, Inode& inode) {
    const std::lock_guard guard(tmpfs().naming());
    Node& node = static_cast<Node&>(inode);
    if (names_.find(name) != nullptr) return fail_with(EEXIST);
    // The last name of an open file has gone, and so has this directory's: neither comes back.
    if (is_removed() || node.links() == 0) return fail_with(ENOENT);
    CHECK(add(name, InodeReference::share(inode)));
    node.touch_changed();
    return {};
}

void Directory::lose(Node& node) {
    if (node.is_directory()) {
        add_links(-1);
        node.add_links(-1);
    }
    node.add_links(-1);
    node.touch_changed();
}

Outcome<> Directory::unlink(std::string_view name, bool directory) {
    InodeReference removed;  // let go after the lock
    const std::lock_guard guard(tmpfs().naming());
    Table::Name* found = names_.find(name);
    if (found == nullptr) return fail_with(ENOENT);
    Node& node = node_of(*found);
    if (node.is_directory() != directory) return fail_with(directory ? ENOTDIR : EISDIR);
    if (node.mounted() != nullptr) return fail_with(EBUSY);
    if (directory && directory_of(node).names_.count() != 0) return fail_with(ENOTEMPTY);
    removed = std::move(found->meaning);
    names_.remove(*found);
    lose(node);
    touch();
    return {};
}

bool Directory::is_below(const Inode& inode) const {
    for (const Directory* place = this; place != nullptr; place = static_cast<Directory*>(place->parent_.get()))
        if (place == &inode) return true;
    return false;
}

Outcome<> Directory::may_replace(const Node& moved, Node& replaced) {
    if (moved.is_directory() && !replaced.is_directory()) return fail_with(ENOTDIR);
    if (!moved.is_directory() && replaced.is_directory()) return fail_with(EISDIR);
    if (replaced.mounted() != nullptr) return fail_with(EBUSY);
    if (replaced.is_directory() && directory_of(replaced).names_.count() != 0) return fail_with(ENOTEMPTY);
    return {};
}

void Directory::adopt(Node& child, Directory& former) {
    if (!child.is_directory() || this == &former) return;
    former.add_links(-1);
    add_links(1);
    static_cast<Directory&>(child).parent_ = InodeReference::share(*this);
}

Outcome<> Directory::exchange(Table::Name& one, Directory& to, Table::Name& other) {
    to.adopt(node_of(one), *this);
    adopt(node_of(other), to);
    std::swap(one.meaning, other.meaning);
    node_of(one).touch_changed();
    node_of(other).touch_changed();
    touch();
    to.touch();
    return {};
}

Outcome<> Directory::rename(std::string_view name, Inode& to_inode, std::string_view new_name, Rename how) {
    InodeReference replaced;  // let go after the lock
    const std::lock_guard guard(tmpfs().naming());
    auto& to = static_cast<Directory&>(to_inode);
    Table::Name* from = names_.find(name);
    if (from == nullptr) return fail_with(ENOENT);
    Table::Name* there = to.names_.find(new_name);
    if (there != nullptr && how == Rename::keep) return fail_with(EEXIST);
    if (there == nullptr && how == Rename::exchange) return fail_with(ENOENT);
    Node& moved = node_of(*from);
    if (moved.is_directory() && to.is_below(moved)) return fail_with(EINVAL);
    if (there != nullptr && there->meaning->is_directory() && is_below(*there->meaning))
        return fail_with(how == Rename::exchange ? EINVAL : ENOTEMPTY);
    if (there != nullptr && there->meaning.get() == &moved) return {};
    if (moved.mounted() != nullptr) return fail_with(EBUSY);
    if (how == Rename::exchange) {
        if (there->meaning->mounted() != nullptr) return fail_with(EBUSY);
        return exchange(*from, to, *there);
    }
    if (to.is_removed()) return fail_with(ENOENT);
    if (there != nullptr) {
        CHECK(may_replace(moved, node_of(*there)));
        replaced = std::exchange(there->meaning, std::move(from->meaning));
        to.lose(static_cast<Node&>(*replaced));
    } else {
        CHECK(to.names_.add(new_name, InodeReference::share(moved)));
    }
    names_.remove(*from);
    to.adopt(moved, *this);
    moved.touch_changed();
    touch();
    if (&to != this) to.touch();
    return {};
}

Outcome<bool> Directory::read_entry(std::uint64_t& cookie, DirectoryEntry& entry) {
    const std::lock_guard guard(tmpfs().naming());
    const Table::Name* name = names_.after(cookie);
    if (name == nullptr) {
        const std::lock_guard attributes(mutex_);
        touch_accessed();
        return false;
    }
    cookie = name->cookie;
    entry.inode = name->meaning->number();
    entry.type = name->meaning->type();
    entry.set_name(name->view());
    return true;
}

void Directory::clear() {
    while (Table::Name* name = names_.after(0)) {
        if (name->meaning->is_directory()) static_cast<Directory&>(*name->meaning).clear();
        names_.remove(*name);
    }
}

}  // namespace tenon::tmpfs
