// SPDX-License-Identifier: Apache-2.0
// The image store: one copy for equal content, and none that changes.
#include "hv/image/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/hv/temporary_directory.h"

namespace fs = std::filesystem;

namespace {

class Scratch : public test::TemporaryDirectory {
public:
    [[nodiscard]] std::string file(const std::string& name) const { return path() + "/" + name; }
    [[nodiscard]] std::string store() const { return path() + "/store"; }
    void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }
};

std::string text_of(const hv::StoredFile& stored) {
    std::string text(stored.size, '\0');
    REQUIRE(pread(stored.file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return text;
}

std::size_t count(const std::string& directory, bool links) {
    std::size_t number = 0;
    for (const auto& entry : fs::directory_iterator(directory)) number += entry.is_symlink() == links ? 1 : 0;
    return number;
}

ino_t inode(const hv::StoredFile& stored) {
    struct stat status {};
    REQUIRE(fstat(stored.file.get(), &status) == 0);
    return status.st_ino;
}

}  // namespace

TEST_CASE("a stored copy does not change with the user's file") {
    const Scratch scratch;
    scratch.write("image", "first");
    const auto stored = hv::store_file(scratch.file("image"), scratch.store());
    REQUIRE(stored);
    scratch.write("image", "other");
    CHECK(text_of(*stored) == "first");
    const auto again = hv::store_file(scratch.file("image"), scratch.store());
    REQUIRE(again);
    CHECK(text_of(*again) == "other");
    CHECK(count(scratch.store(), false) == 2);
}

TEST_CASE("equal content is stored once, under its hash, read-only") {
    const Scratch scratch;
    scratch.write("a", "abc");
    scratch.write("b", "abc");
    const auto a = hv::store_file(scratch.file("a"), scratch.store());
    const auto b = hv::store_file(scratch.file("b"), scratch.store());
    REQUIRE(a);
    REQUIRE(b);
    CHECK(inode(*a) == inode(*b));
    const std::string copy = scratch.store() + "/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct stat status {};
    REQUIRE(stat(copy.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0400);
    REQUIRE(stat(scratch.store().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0700);
}

TEST_CASE("a file that changed a moment ago is not remembered by its times") {
    const Scratch scratch;
    scratch.write("image", "new");
    REQUIRE(hv::store_file(scratch.file("image"), scratch.store()));
    CHECK(count(scratch.store(), true) == 0);
}

TEST_CASE("a file at rest is remembered, and found without being read") {
    const Scratch scratch;
    // The test program itself: older than two seconds, or it would not be running a list of tests.
    const auto first = hv::store_file("/proc/self/exe", scratch.store());
    REQUIRE(first);
    struct stat status {};
    REQUIRE(stat("/proc/self/exe", &status) == 0);
    if (time(nullptr) - status.st_ctim.tv_sec < 3) return;
    CHECK(count(scratch.store(), true) == 1);
    const auto second = hv::store_file("/proc/self/exe", scratch.store());
    REQUIRE(second);
    CHECK(inode(*first) == inode(*second));
}

TEST_CASE("old copies go when a new one comes, but not those in use") {
    const Scratch scratch;
    scratch.write("image", "kept");
    const auto used = hv::store_file(scratch.file("image"), scratch.store());
    REQUIRE(used);
    for (int i = 0; i < 20; ++i) {
        scratch.write("image", "content " + std::to_string(i));
        REQUIRE(hv::store_file(scratch.file("image"), scratch.store()));
    }
    CHECK(count(scratch.store(), false) <= 10);
    CHECK(text_of(*used) == "kept");
    scratch.write("image", "kept");
    const auto again = hv::store_file(scratch.file("image"), scratch.store());
    REQUIRE(again);
    CHECK(inode(*again) == inode(*used));
}

TEST_CASE("what cannot be stored is refused with its reason") {
    const Scratch scratch;
    const auto missing = hv::store_file(scratch.file("nothing"), scratch.store());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == hv::ErrorKind::not_found);
    const auto directory = hv::store_file(scratch.file(""), scratch.store());
    REQUIRE_FALSE(directory);
    CHECK(directory.error().kind == hv::ErrorKind::bad_image);
    fs::create_directory(scratch.file("open"));
    REQUIRE(chmod(scratch.file("open").c_str(), 0777) == 0);
    scratch.write("image", "text");
    const auto shared = hv::store_file(scratch.file("image"), scratch.file("open"));
    REQUIRE_FALSE(shared);
    CHECK(shared.error().kind == hv::ErrorKind::no_permission);
}
