// SPDX-License-Identifier: Apache-2.0
// A directory on the disk, with an index of its names in memory.
#pragma once

#include "kernel/fs/ext4/node.h"
#include "kernel/fs/names.h"

namespace tenon::ext4 {

class Directory final : public Node {
public:
    Directory(Volume& volume, std::uint32_t number, const InodeRecord& record);
    Outcome<InodeReference> look_up(std::string_view name) override;
    Outcome<InodeReference> parent() override;
    Outcome<InodeReference> create(std::string_view name, mode_t mode, std::string_view target) override;
    Outcome<> link(std::string_view name, Inode& inode) override;
    Outcome<> unlink(std::string_view name, bool directory) override;
    Outcome<> rename(std::string_view name, Inode& to, std::string_view new_name, Rename how) override;
    Outcome<bool> read_entry(std::uint64_t& cookie, DirectoryEntry& entry) override;

private:
    struct Entry {
        std::uint32_t inode;
        std::uint8_t type;    ///< as directory blocks have it
        std::uint64_t block;  ///< where it probably is on the disk; 0: not known
    };
    using Table = Names<Entry>;

    /// Reads all names, once.
    Outcome<> load();
    Outcome<> note_places();
    [[nodiscard]] bool is_removed() const { return links() == 0; }
    Outcome<InodeReference> make_child(std::string_view name, mode_t mode, std::string_view target);
    Outcome<> add_name(std::string_view name, Node& node);
    Outcome<> remove_name(Table::Name& name);
    Outcome<> replace(Table::Name& name, Node& node);
    Outcome<bool> is_below(const Node& node);
    Outcome<> may_replace(Node& moved, Node& replaced);
    Outcome<> adopt(Node& child, Directory& former);
    static void add_link(Node& node);
    /// A name of `node` has gone from here; the last one frees it when it is let go of.
    Outcome<InodeReference> lose(Node& node);
    Outcome<> exchange(Table::Name& one, Node& first, Directory& to, Table::Name& other, Node& second);
    Outcome<> move(Table::Name& from, Node& moved, Directory& to, std::string_view new_name, InodeReference& replaced,
                   InodeReference& released);

    Table names_;
    bool is_loaded_ = false;
    std::uint32_t parent_ = 0;
};

}  // namespace tenon::ext4
