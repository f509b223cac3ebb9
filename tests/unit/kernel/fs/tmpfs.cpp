// SPDX-License-Identifier: Apache-2.0
#include "kernel/fs/tmpfs/tmpfs.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "host_pages.h"
#include "kernel/fs/names.h"

using namespace tenon;
using Table = Names<InodeReference>;
using tmpfs::Tmpfs;

namespace {

std::unique_ptr<Tmpfs> make(std::uint64_t pages = 100, std::uint64_t inodes = 10'000) {
    return std::unique_ptr<Tmpfs>(*Tmpfs::make({.pages = pages, .inodes = inodes, .seed = 42}));
}

int code_of(const auto& outcome) { return outcome ? 0 : outcome.error().code; }

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::vector<std::string> names_in(Inode& directory) {
    std::vector<std::string> names;
    DirectoryEntry entry;
    for (std::uint64_t cookie = 0; *directory.read_entry(cookie, entry);) names.emplace_back(entry.text());
    return names;
}

struct stat status_of(Inode& inode) {
    struct stat status;
    REQUIRE(inode.status(status));
    return status;
}

constexpr auto replace = Inode::Rename::replace, keep = Inode::Rename::keep, swap = Inode::Rename::exchange;

}  // namespace

TEST_CASE("Names are found in a table that grows and shrinks", "[tmpfs]") {
    const auto tmpfs = make();
    Table names(7);
    for (int i = 0; i != 2000; ++i)
        REQUIRE(names.add("name" + std::to_string(i), InodeReference::share(tmpfs->root())));
    CHECK(names.count() == 2000);
    for (int i = 0; i != 2000; ++i) REQUIRE(names.find("name" + std::to_string(i)) != nullptr);
    CHECK(names.find("name") == nullptr);
    CHECK(names.find("name2000") == nullptr);
    for (int i = 0; i != 1990; ++i) names.remove(*names.find("name" + std::to_string(i)));
    CHECK(names.find("name0") == nullptr);
    CHECK(names.find("name1995") != nullptr);
    std::set<std::string> rest;
    for (Table::Name* name = names.after(0); name != nullptr; name = names.after(name->cookie))
        rest.emplace(name->view());
    CHECK(rest.size() == 10);
    CHECK(names.after(~std::uint64_t{0}) == nullptr);
    CHECK(names.after(std::uint64_t{1} << 62) == nullptr);
}

TEST_CASE("A listing meets once what stays, whatever comes and goes", "[tmpfs]") {
    const auto tmpfs = make();
    Inode& root = tmpfs->root();
    for (int i = 0; i != 100; ++i) {
        REQUIRE(root.create("stay" + std::to_string(i), S_IFREG | 0644, {}));
        REQUIRE(root.create("go" + std::to_string(i), S_IFREG | 0644, {}));
    }
    std::multiset<std::string> met;
    DirectoryEntry entry;
    int step = 0;
    for (std::uint64_t cookie = 0; *root.read_entry(cookie, entry); ++step) {
        if (entry.text().starts_with("stay")) met.emplace(entry.text());
        if (step < 100) {
            (void)root.unlink("go" + std::to_string(step), false);
            (void)root.create("new" + std::to_string(step) + "." + std::to_string(step * step), S_IFREG | 0644, {});
        }
    }
    CHECK(met.size() == 100);
    CHECK(std::set<std::string>(met.begin(), met.end()).size() == 100);
}

TEST_CASE("A file in RAM gives its pages back when it is cut and when it goes", "[tmpfs]") {
    const std::int64_t before = test::pages_in_use();
    {
        const auto tmpfs = make(10);
        Inode& root = tmpfs->root();
        auto file = *root.create("file", S_IFREG | 0644, {});
        const std::string text(10 * 4096 + 1, 't');
        off_t at = 0;
        CHECK(*file->write(bytes(text), at, false) == 10 * 4096);
        at = 10 * 4096;
        CHECK(code_of(file->write(bytes("x"), at, false)) == ENOSPC);
        CHECK(test::pages_in_use() == before + 10);
        CHECK(tmpfs->statistics().free_blocks == 0);
        REQUIRE(file->resize(4097));
        CHECK(test::pages_in_use() == before + 2);
        REQUIRE(file->resize(8192));
        std::byte read[2];
        CHECK(*file->read(read, 4096) == 2);
        CHECK(read[0] == std::byte{'t'});
        CHECK(read[1] == std::byte{0});
        REQUIRE(root.unlink("file", false));
        CHECK(test::pages_in_use() == before + 2);
        file = {};
        CHECK(test::pages_in_use() == before);
        CHECK(tmpfs->statistics().free_blocks == 10);
        CHECK(tmpfs->statistics().free_inodes == tmpfs->statistics().inodes - 1);
    }
    CHECK(test::pages_in_use() == before);
}

TEST_CASE("There are as many files as inodes", "[tmpfs]") {
    const auto tmpfs = make(10, 3);
    REQUIRE(tmpfs->root().create("one", S_IFREG | 0644, {}));
    REQUIRE(tmpfs->root().create("two", S_IFLNK | 0777, "target"));
    CHECK(code_of(tmpfs->root().create("three", S_IFREG | 0644, {})) == ENOSPC);
    CHECK(code_of(tmpfs->root().create("three", S_IFLNK | 0777, "target")) == ENOSPC);
    REQUIRE(tmpfs->root().unlink("one", false));
    CHECK(tmpfs->root().create("three", S_IFDIR | 0755, {}));
    CHECK(code_of(tmpfs->root().create("pipe", S_IFIFO | 0644, {})) == EPERM);
}

TEST_CASE("Directories count their links, and are moved only where they can be", "[tmpfs]") {
    const auto tmpfs = make();
    Inode& root = tmpfs->root();
    CHECK(status_of(root).st_nlink == 2);
    auto one = *root.create("one", S_IFDIR | 0755, {});
    auto deep = *one->create("deep", S_IFDIR | 0755, {});
    auto other = *root.create("other", S_IFDIR | 0755, {});
    CHECK(status_of(root).st_nlink == 4);
    CHECK(status_of(*one).st_nlink == 3);
    CHECK(code_of(root.rename("one", *deep, "new", replace)) == EINVAL);
    CHECK(code_of(one->rename("deep", root, "one", replace)) == ENOTEMPTY);
    CHECK(code_of(one->rename("deep", root, "one", swap)) == EINVAL);
    CHECK(code_of(root.rename("one", root, "other", keep)) == EEXIST);
    CHECK(code_of(root.rename("nothing", root, "new", replace)) == ENOENT);
    CHECK(code_of(root.unlink("one", true)) == ENOTEMPTY);
    CHECK(code_of(root.unlink("one", false)) == EISDIR);
    REQUIRE(one->rename("deep", *other, "moved", replace));
    CHECK(status_of(*one).st_nlink == 2);
    CHECK(status_of(*other).st_nlink == 3);
    CHECK((*deep->parent()).get() == other.get());
    REQUIRE(root.rename("one", *other, "moved", swap));
    CHECK((*deep->parent()).get() == &root);
    CHECK((*one->parent()).get() == other.get());
    CHECK(names_in(root).size() == 2);
    REQUIRE(other->unlink("moved", true));
    CHECK(status_of(*one).st_nlink == 0);
    CHECK(code_of(one->create("new", S_IFREG | 0644, {})) == ENOENT);
    CHECK(code_of(root.rename("one", *one, "new", replace)) == ENOENT);
    REQUIRE(root.rename("one", root, "other", replace));
    CHECK(status_of(root).st_nlink == 3);
    CHECK((*other->parent()).get() == &root);
}

TEST_CASE("A file that has lost its last name gets no other", "[tmpfs]") {
    const auto tmpfs = make();
    Inode& root = tmpfs->root();
    auto file = *root.create("file", S_IFREG | 0644, {});
    REQUIRE(root.link("more", *file));
    CHECK(status_of(*file).st_nlink == 2);
    REQUIRE(root.unlink("file", false));
    REQUIRE(root.unlink("more", false));
    CHECK(code_of(root.link("again", *file)) == ENOENT);
    CHECK(code_of(root.unlink("more", false)) == ENOENT);
}

TEST_CASE("Many names come, move and go as in a model", "[tmpfs]") {
    const auto tmpfs = make();
    Inode& root = tmpfs->root();
    std::mt19937 random(3);
    std::set<std::string> model;
    for (int step = 0; step != 20'000; ++step) {
        const std::string one = std::to_string(random() % 500), other = std::to_string(random() % 500);
        switch (random() % 3) {
            case 0: REQUIRE(root.create(one, S_IFREG | 0644, {}).has_value() == model.insert(one).second); break;
            case 1: REQUIRE(root.unlink(one, false).has_value() == (model.erase(one) != 0)); break;
            default:
                REQUIRE(root.rename(one, root, other, replace).has_value() == model.contains(one));
                if (model.contains(one) && one != other) {
                    model.erase(one);
                    model.insert(other);
                }
        }
    }
    const auto names = names_in(root);
    CHECK(std::set<std::string>(names.begin(), names.end()) == model);
    CHECK(names.size() == model.size());
}
