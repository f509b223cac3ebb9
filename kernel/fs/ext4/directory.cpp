// SPDX-License-Identifier: Apache-2.0
// A directory on the disk: its names.
#include "kernel/fs/ext4/directory.h"

#include <mutex>

#include "kernel/fs/ext4/link.h"
#include "kernel/fs/ext4/volume.h"

namespace tenon::ext4 {

namespace {

/// Blocks that a new name may need: of the directory, its tree and extents, of a new directory or link.
constexpr std::uint64_t blocks_for_a_name = 8;
constexpr std::uint32_t most_links = 65'000;

}  // namespace

Directory::Directory(Volume& volume, std::uint32_t number, const InodeRecord& record)
    : Node(volume, number, record), names_(volume.name_seed()) {}

Outcome<> Directory::load() {
    if (is_loaded_) return {};
    struct Loading {
        Directory& self;
        Outcome<> result;
    } loading{*this, {}};
    const auto listed = volume().format().list(
        index(), record(),
        [](void* context, const Format::Name& found) {
            auto& [self, result] = *static_cast<Loading*>(context);
            if (found.text == ".") return true;
            if (found.text == "..")
                self.parent_ = found.inode;
            else if (self.names_.find(found.text) == nullptr)
                result = [&]() -> Outcome<> {
                    CHECK(self.names_.add(found.text, {found.inode, found.type, found.block}));
                    return {};
                }();
            return result.has_value();
        },
        &loading);
    if (!listed || !loading.result || parent_ == 0) {
        names_.clear();
        CHECK(listed);
        CHECK(loading.result);
        return fail_with(EIO);
    }
    is_loaded_ = true;
    return {};
}

/// Names move to other blocks when one has become full.
Outcome<> Directory::note_places() {
    return volume().format().list(
        index(), record(),
        [](void* context, const Format::Name& found) {
            auto& self = *static_cast<Directory*>(context);
            if (Table::Name* name = self.names_.find(found.text); name != nullptr) name->meaning.block = found.block;
            return true;
        },
        this);
}

Outcome<InodeReference> Directory::look_up(std::string_view name) {
    const std::lock_guard guard(volume().mutex());
    CHECK(load());
    const Table::Name* found = names_.find(name);
    if (found == nullptr) return fail_with(ENOENT);
    return volume().get(found->meaning.inode);
}

Outcome<InodeReference> Directory::parent() {
    const std::lock_guard guard(volume().mutex());
    CHECK(load());
    TRY(InodeReference above, volume().get(parent_));
    if (!above->is_directory()) return fail_with(EIO);
    return above;
}

// Changes of one name, with the record of the directory.

Outcome<> Directory::add_name(std::string_view name, Node& node) {
    TRY(const std::uint64_t block, volume().format().add_name(index(), record(), name, node.index(), node.type()));
    TRY(Table::Name * added, names_.add(name, {node.index(), 0, block}));
    added->meaning.type = Format::type_of_mode(node.type());
    touch_modified();
    note_change(true);
    return {};
}

Outcome<> Directory::remove_name(Table::Name& name) {
    auto done = volume().format().remove_name(index(), record(), name.view(), name.meaning.block);
    if (!done && done.error().code == ENOENT) {
        CHECK(note_places());
        done = volume().format().remove_name(index(), record(), name.view(), name.meaning.block);
    }
    CHECK(done);
    names_.remove(name);
    touch_modified();
    note_change(true);
    return {};
}

Outcome<> Directory::replace(Table::Name& name, Node& node) {
    const auto attempt = [&] {
        return volume().format().replace_name(index(), record(), name.view(), name.meaning.block, node.index(),
                                              node.type());
    };
    auto done = attempt();
    if (!done && done.error().code == ENOENT) {
        CHECK(note_places());
        done = attempt();
    }
    CHECK(done);
    name.meaning.inode = node.index();
    name.meaning.type = Format::type_of_mode(node.type());
    touch_modified();
    note_change(true);
    return {};
}

/// The link that a directory's ".." is. Beyond the limit its count is 1: not known.
void Directory::add_link(Node& node) {
    std::uint16_t& links = node.record().links;
    if (node.is_directory() && (links == 1 || links >= most_links))
        links = 1;
    else
        ++links;
    node.note_change(true);
}

namespace {

void remove_link(Node& directory) {
    if (directory.record().links > 2) --directory.record().links;
    directory.note_change(true);
}

}  // namespace

Outcome<InodeReference> Directory::lose(Node& node) {
    if (node.is_directory()) {
        remove_link(*this);
        node.record().links = 0;
    } else if (node.record().links != 0) {
        --node.record().links;
    }
    node.touch_changed();
    if (node.links() != 0) return InodeReference();
    return volume().let_go(node);
}

// Operations.

Outcome<InodeReference> Directory::make_child(std::string_view name, mode_t mode, std::string_view target) {
    Format& format = volume().format();
    InodeRecord made{};
    made.mode = static_cast<std::uint16_t>(mode);
    made.links = S_ISDIR(mode) ? 2 : 1;
    if ((record().mode & S_ISGID) != 0) {
        made.set_group(record().group());
        if (S_ISDIR(mode)) made.mode |= S_ISGID;
    }
    made.generation = volume().next_generation();
    TRY(const std::uint32_t number, format.make_inode(index(), made));
    const timespec now = time_now();
    made.set_time(InodeRecord::Time::accessed, now);
    made.set_time(InodeRecord::Time::modified, now);
    made.set_time(InodeRecord::Time::changed, now);
    made.set_created(now);
    if (S_ISLNK(mode)) {
        CHECK(Link::set_target(volume(), number, made, target));
    } else if (S_ISDIR(mode)) {
        CHECK(format.make_directory(number, made, index()));
    }
    TRY(InodeReference child, volume().add(number, made));
    auto& node = static_cast<Node&>(*child);
    node.note_change(true);
    CHECK(add_name(name, node));
    if (S_ISDIR(mode)) add_link(*this);
    return child;
}

Outcome<InodeReference> Directory::create(std::string_view name, mode_t mode, std::string_view target) {
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(blocks_for_a_name));
    CHECK(load());
    if (names_.find(name) != nullptr) return fail_with(EEXIST);
    if (is_removed()) return fail_with(ENOENT);
    if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode) && !S_ISSOCK(mode)) return fail_with(EPERM);
    if (target.size() >= volume().block_size()) return fail_with(ENAMETOOLONG);
    if (S_ISDIR(mode) && links() >= most_links && !volume().format().may_exceed_link_limit()) return fail_with(EMLINK);
    if (volume().format().free_inodes() == 0) return fail_with(ENOSPC);
    return volume().end(make_child(name, mode, target));
}

Outcome<> Directory::link(std::string_view name, Inode& inode) {
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(blocks_for_a_name));
    CHECK(load());
    Node& node = static_cast<Node&>(inode);
    if (names_.find(name) != nullptr) return fail_with(EEXIST);
    // The last name of an open file has gone, and so has this directory's: neither comes back.
    if (is_removed() || node.links() == 0) return fail_with(ENOENT);
    if (node.links() >= most_links) return fail_with(EMLINK);
    CHECK(volume().end(add_name(name, node)));
    ++node.record().links;
    node.touch_changed();
    return {};
}

Outcome<> Directory::unlink(std::string_view name, bool directory) {
    InodeReference removed, released;  // let go after the lock
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(0));
    CHECK(load());
    Table::Name* found = names_.find(name);
    if (found == nullptr) return fail_with(ENOENT);
    TRY(removed, volume().get(found->meaning.inode));
    auto& node = static_cast<Node&>(*removed);
    if (node.is_directory() != directory) return fail_with(directory ? ENOTDIR : EISDIR);
    if (node.mounted() != nullptr) return fail_with(EBUSY);
    if (directory) {
        auto& child = static_cast<Directory&>(node);
        CHECK(child.load());
        if (child.names_.count() != 0) return fail_with(ENOTEMPTY);
    }
    return volume().end([&]() -> Outcome<> {
        CHECK(remove_name(*found));
        TRY(released, lose(node));
        return {};
    }());
}

/// Whether this directory is `node` or somewhere below it.
Outcome<bool> Directory::is_below(const Node& node) {
    std::uint32_t place = index();
    // A tree on a damaged disk may be a circle.
    for (std::uint32_t steps = 0; steps != volume().format().inode_count(); ++steps) {
        if (place == node.index()) return true;
        if (place == root_inode) return false;
        TRY(const InodeReference above, volume().get(place));
        if (!above->is_directory()) return fail_with(EIO);
        auto& directory = static_cast<Directory&>(*above);
        CHECK(directory.load());
        place = directory.parent_;
    }
    return fail_with(EIO);
}

Outcome<> Directory::may_replace(Node& moved, Node& replaced) {
    if (moved.is_directory() && !replaced.is_directory()) return fail_with(ENOTDIR);
    if (!moved.is_directory() && replaced.is_directory()) return fail_with(EISDIR);
    if (replaced.mounted() != nullptr) return fail_with(EBUSY);
    if (!replaced.is_directory()) return {};
    auto& directory = static_cast<Directory&>(replaced);
    CHECK(directory.load());
    if (directory.names_.count() != 0) return fail_with(ENOTEMPTY);
    return {};
}

/// A child that is a directory has another parent: its ".." counts there.
Outcome<> Directory::adopt(Node& child, Directory& former) {
    if (!child.is_directory() || this == &former) return {};
    remove_link(former);
    add_link(*this);
    auto& directory = static_cast<Directory&>(child);
    CHECK(directory.load());
    directory.parent_ = index();
    directory.note_change(true);
    return volume().format().replace_name(child.index(), child.record(), "..", 0, index(), S_IFDIR);
}

Outcome<> Directory::exchange(Table::Name& one, Node& first, Directory& to, Table::Name& other, Node& second) {
    CHECK(replace(one, second));
    CHECK(to.replace(other, first));
    CHECK(to.adopt(first, *this));
    CHECK(adopt(second, to));
    first.touch_changed();
    second.touch_changed();
    return {};
}

Outcome<> Directory::move(Table::Name& from, Node& moved, Directory& to, std::string_view new_name,
                          InodeReference& replaced, InodeReference& released) {
    if (replaced) {
        CHECK(to.replace(*to.names_.find(new_name), moved));
    } else {
        CHECK(to.add_name(new_name, moved));
    }
    CHECK(remove_name(from));
    if (replaced) {
        TRY(released, to.lose(static_cast<Node&>(*replaced)));
    }
    CHECK(to.adopt(moved, *this));
    moved.touch_changed();
    return {};
}

Outcome<> Directory::rename(std::string_view name, Inode& to_inode, std::string_view new_name, Rename how) {
    InodeReference moving, replaced, released;  // let go after the lock
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(blocks_for_a_name));
    auto& to = static_cast<Directory&>(to_inode);
    CHECK(load());
    CHECK(to.load());
    Table::Name* from = names_.find(name);
    if (from == nullptr) return fail_with(ENOENT);
    Table::Name* there = to.names_.find(new_name);
    if (there != nullptr && how == Rename::keep) return fail_with(EEXIST);
    if (there == nullptr && how == Rename::exchange) return fail_with(ENOENT);
    TRY(moving, volume().get(from->meaning.inode));
    auto& moved = static_cast<Node&>(*moving);
    if (moved.is_directory()) {
        TRY(const bool below, to.is_below(moved));
        if (below) return fail_with(EINVAL);
    }
    if (there != nullptr) {
        TRY(replaced, volume().get(there->meaning.inode));
        auto& node = static_cast<Node&>(*replaced);
        if (node.is_directory()) {
            TRY(const bool below, is_below(node));
            if (below) return fail_with(how == Rename::exchange ? EINVAL : ENOTEMPTY);
        }
        if (&node == &moved) return {};
    }
    if (moved.mounted() != nullptr) return fail_with(EBUSY);
    if (how == Rename::exchange) {
        if (replaced->mounted() != nullptr) return fail_with(EBUSY);
        return volume().end(exchange(*from, moved, to, *there, static_cast<Node&>(*replaced)));
    }
    if (to.is_removed()) return fail_with(ENOENT);
    if (replaced) CHECK(may_replace(moved, static_cast<Node&>(*replaced)));
    return volume().end(move(*from, moved, to, new_name, replaced, released));
}

Outcome<bool> Directory::read_entry(std::uint64_t& cookie, DirectoryEntry& entry) {
    const std::lock_guard guard(volume().mutex());
    CHECK(load());
    const Table::Name* name = names_.after(cookie);
    if (name == nullptr) {
        touch_accessed();
        return false;
    }
    entry.inode = name->meaning.inode;
    entry.type = Format::mode_of_type(name->meaning.type);
    if (entry.type == 0) {
        // The file system has no types in its names.
        TRY(const InodeReference inode, volume().get(name->meaning.inode));
        entry.type = inode->type();
    }
    cookie = name->cookie;
    entry.set_name(name->view());
    return true;
}

}  // namespace tenon::ext4
