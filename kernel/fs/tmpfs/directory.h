// SPDX-License-Identifier: Apache-2.0
// A directory in RAM.
#pragma once

#include "kernel/fs/names.h"
#include "kernel/fs/tmpfs/node.h"

namespace tenon::tmpfs {

/// Tmpfs::naming() guards names, parents and link counts.
class Directory final : public Node {
public:
    /// Without `parent` it is the root. It starts with no name, and counts the link that "." is.
    Directory(Tmpfs& tmpfs, mode_t mode, Directory* parent);
    Outcome<InodeReference> look_up(std::string_view name) override;
    Outcome<InodeReference> parent() override;
    Outcome<InodeReference> create(std::string_view name, mode_t mode, std::string_view target) override;
    Outcome<> link(std::string_view name, Inode& inode) override;
    Outcome<> unlink(std::string_view name, bool directory) override;
    Outcome<> rename(std::string_view name, Inode& to, std::string_view new_name, Rename how) override;
    Outcome<bool> read_entry(std::uint64_t& cookie, DirectoryEntry& entry) override;

    /// Takes all names away: the end of a file system that nobody uses.
    void clear();

private:
    using Table = Names<InodeReference>;
    void measure(struct stat& status) const override;
    [[nodiscard]] bool is_removed() const { return links() == 0; }
    [[nodiscard]] bool is_below(const Inode& inode) const;
    Outcome<InodeReference> make_child(mode_t mode, std::string_view target);
    Outcome<> add(std::string_view name, InodeReference inode);
    /// Whether `replaced`, which a move would remove, may go for `moved`.
    static Outcome<> may_replace(const Node& moved, Node& replaced);
    Outcome<> exchange(Table::Name& one, Directory& to, Table::Name& other);
    /// A child that is a directory has another parent: its ".." counts there.
    void adopt(Node& child, Directory& former);
    /// What `node` loses with a name.
    void lose(Node& node);
    void touch();

    Table names_;
    InodeReference parent_;
};

}  // namespace tenon::tmpfs
