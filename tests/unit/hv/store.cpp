// SPDX-License-Identifier: Apache-2.0
// The image store: one copy for equal content, and none that changes.
#include "hv/image/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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
    for (const auto& entry : fs::directory_iterator(directory))
        number += entry.is_symlink() == links && entry.path().filename() != "lock" ? 1 : 0;
    return number;
}

ino_t inode(const hv::StoredFile& stored) {
    struct stat status {};
    REQUIRE(fstat(stored.file.get(), &status) == 0);
    return status.st_ino;
}

hv::Result<hv::StoredFile> store(const std::string& path, const std::string& directory) {
    return hv::store_file(path, directory, [](int, std::uint64_t) { return hv::Result<>(); });
}

/// Names in the store, but the lock that marks it.
std::vector<std::string> names(const std::string& directory) {
    std::vector<std::string> list;
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().filename() != "lock") list.push_back(entry.path().filename());
    std::ranges::sort(list);
    return list;
}

}  // namespace

TEST_CASE("a stored copy does not change with the user's file") {
    const Scratch scratch;
    scratch.write("image", "first");
    const auto stored = store(scratch.file("image"), scratch.store());
    REQUIRE(stored);
    scratch.write("image", "other");
    CHECK(text_of(*stored) == "first");
    const auto again = store(scratch.file("image"), scratch.store());
    REQUIRE(again);
    CHECK(text_of(*again) == "other");
    CHECK(count(scratch.store(), false) == 2);
}

TEST_CASE("equal content is stored once, under its hash, read-only") {
    const Scratch scratch;
    scratch.write("a", "abc");
    scratch.write("b", "abc");
    const auto a = store(scratch.file("a"), scratch.store());
    const auto b = store(scratch.file("b"), scratch.store());
    REQUIRE(a);
    REQUIRE(b);
    CHECK(inode(*a) == inode(*b));
    const std::string copy = scratch.store() + "/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct stat status {};
    REQUIRE(stat(copy.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0400);
    REQUIRE(stat(scratch.store().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 01700);
}

TEST_CASE("a file that changed a moment ago is not remembered by its times") {
    const Scratch scratch;
    scratch.write("image", "new");
    REQUIRE(store(scratch.file("image"), scratch.store()));
    CHECK(count(scratch.store(), true) == 0);
}

TEST_CASE("a file at rest is remembered, and found without being read") {
    const Scratch scratch;
    // The test program itself: older than two seconds, or it would not be running a list of tests.
    const auto first = store("/proc/self/exe", scratch.store());
    REQUIRE(first);
    struct stat status {};
    REQUIRE(stat("/proc/self/exe", &status) == 0);
    if (time(nullptr) - status.st_ctim.tv_sec < 3) return;
    CHECK(count(scratch.store(), true) == 1);
    const auto second = store("/proc/self/exe", scratch.store());
    REQUIRE(second);
    CHECK(inode(*first) == inode(*second));
}

TEST_CASE("old copies go when a new one comes, but not those in use") {
    const Scratch scratch;
    scratch.write("image", "kept");
    const auto used = store(scratch.file("image"), scratch.store());
    REQUIRE(used);
    for (int i = 0; i < 20; ++i) {
        scratch.write("image", "content " + std::to_string(i));
        REQUIRE(store(scratch.file("image"), scratch.store()));
    }
    CHECK(count(scratch.store(), false) <= 10);
    CHECK(text_of(*used) == "kept");
    scratch.write("image", "kept");
    const auto again = store(scratch.file("image"), scratch.store());
    REQUIRE(again);
    CHECK(inode(*again) == inode(*used));
}

TEST_CASE("a copy that is mapped is in use, and none has a lock") {
    const Scratch scratch;
    scratch.write("image", "kept");
    auto used = store(scratch.file("image"), scratch.store());
    REQUIRE(used);
    const std::string copy = scratch.store() + "/" + names(scratch.store()).at(0);
    const std::string number = ":" + std::to_string(inode(*used)) + " ";
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) CHECK(line.find(number) == std::string::npos);
    void* memory = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, used->file.get(), 0);
    REQUIRE(memory != MAP_FAILED);
    used->file = hv::FileDescriptor();
    for (int i = 0; i < 20; ++i) {
        scratch.write("image", "content " + std::to_string(i));
        REQUIRE(store(scratch.file("image"), scratch.store()));
    }
    CHECK(fs::exists(copy));
    munmap(memory, 4096);
    scratch.write("image", "one more");
    REQUIRE(store(scratch.file("image"), scratch.store()));
    CHECK_FALSE(fs::exists(copy));
}

TEST_CASE("what cannot be stored is refused with its reason") {
    const Scratch scratch;
    const auto missing = store(scratch.file("nothing"), scratch.store());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == hv::ErrorKind::not_found);
    const auto directory = store(scratch.file(""), scratch.store());
    REQUIRE_FALSE(directory);
    CHECK(directory.error().kind == hv::ErrorKind::bad_image);
    fs::create_directory(scratch.file("open"));
    REQUIRE(chmod(scratch.file("open").c_str(), 0777) == 0);
    scratch.write("image", "text");
    const auto shared = store(scratch.file("image"), scratch.file("open"));
    REQUIRE_FALSE(shared);
    CHECK(shared.error().kind == hv::ErrorKind::no_permission);
}

TEST_CASE("a file that is no image, or too large, is refused before anything of it is copied") {
    const Scratch scratch;
    scratch.write("text", "not an image");
    int looks = 0;
    const auto refuse = [&looks](int, std::uint64_t) -> hv::Result<> {
        ++looks;
        return hv::fail(hv::ErrorKind::bad_image, "no image");
    };
    CHECK(hv::store_file(scratch.file("text"), scratch.store(), refuse).error().message == "no image");
    CHECK(looks == 1);
    CHECK(names(scratch.store()).empty());
    scratch.write("sparse", "\177ELF");
    REQUIRE(truncate(scratch.file("sparse").c_str(), 20LL << 30) == 0);
    const auto large = hv::store_file(scratch.file("sparse"), scratch.store(), refuse);
    REQUIRE_FALSE(large);
    CHECK(large.error().kind == hv::ErrorKind::bad_image);
    CHECK(large.error().message.find("20480 MiB, an image has at most 1024 MiB") != std::string::npos);
    CHECK(looks == 1);
    REQUIRE(mkfifo(scratch.file("fifo").c_str(), 0600) == 0);
    CHECK(store(scratch.file("fifo"), scratch.store()).error().kind == hv::ErrorKind::bad_image);
    CHECK(names(scratch.store()).empty());
}

TEST_CASE("a file that is written to while it is copied is looked at again, and the copy goes") {
    const Scratch scratch;
    scratch.write("image", "good");
    int looks = 0;
    const auto look = [&](int file, std::uint64_t size) -> hv::Result<> {
        std::string text(size, '\0');
        if (pread(file, text.data(), size, 0) != static_cast<ssize_t>(size))
            return hv::fail(hv::ErrorKind::internal, "");
        if (++looks == 1) scratch.write("image", "evil");
        return text == "good" ? hv::Result<>() : hv::fail(hv::ErrorKind::bad_image, "another file");
    };
    CHECK(hv::store_file(scratch.file("image"), scratch.store(), look).error().message == "another file");
    CHECK(looks == 2);
    CHECK(names(scratch.store()).empty());
    const auto cut = [&](int, std::uint64_t) {
        scratch.write("image", "");
        return hv::Result<>();
    };
    CHECK(hv::store_file(scratch.file("image"), scratch.store(), cut).error().kind == hv::ErrorKind::bad_image);
    CHECK(names(scratch.store()).empty());
}

TEST_CASE("what is zero takes no room in a copy") {
    const Scratch scratch;
    scratch.write("sparse", "head");
    REQUIRE(truncate(scratch.file("sparse").c_str(), 64 << 20) == 0);
    const auto stored = store(scratch.file("sparse"), scratch.store());
    REQUIRE(stored);
    CHECK(stored->size == 64 << 20);
    struct stat about {};
    REQUIRE(fstat(stored->file.get(), &about) == 0);
    CHECK(about.st_blocks * 512 <= 1 << 20);
}

TEST_CASE("cleaning removes what the store made, and only from a directory that bears its mark") {
    const Scratch scratch;
    const auto fill = [&] {
        const std::string at = scratch.store() + "/";
        for (const char* name : {"new.abandoned", "of-nothing.txt", "thesis.tex"}) std::ofstream(at + name) << "x";
        std::ofstream(at + std::string(64, 'x')) << "x";
        fs::create_symlink("nowhere", at + "of-gone");
        fs::create_symlink("nowhere", at + "link");
        fs::create_directory(at + "new.directory");
        const timespec old[] = {{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1, .tv_nsec = 0}};
        REQUIRE(utimensat(AT_FDCWD, (at + "new.abandoned").c_str(), old, 0) == 0);
    };
    scratch.write("image", "text");
    const std::string hash = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1";
    const bool marked = GENERATE(true, false);
    if (!marked) REQUIRE(mkdir(scratch.store().c_str(), 0700) == 0);
    if (marked) REQUIRE(store(scratch.file("image"), scratch.store()));
    fill();
    scratch.write("image", marked ? "another" : "text");
    REQUIRE(store(scratch.file("image"), scratch.store()));
    auto left = names(scratch.store());
    for (const char* kept : {"of-nothing.txt", "thesis.tex", "link", "new.directory"}) {
        INFO(kept);
        CHECK(std::ranges::find(left, kept) != left.end());
    }
    CHECK(std::ranges::find(left, std::string(64, 'x')) != left.end());
    CHECK(std::ranges::find(left, hash) != left.end());
    for (const char* useless : {"new.abandoned", "of-gone"}) {
        INFO(useless);
        CHECK((std::ranges::find(left, useless) == left.end()) == marked);
    }
}

TEST_CASE("a store that a link leads to is refused") {
    const Scratch scratch;
    fs::create_directory(scratch.file("elsewhere"));
    fs::create_symlink("elsewhere", scratch.store());
    scratch.write("image", "text");
    CHECK(store(scratch.file("image"), scratch.store()).error().kind == hv::ErrorKind::no_permission);
    CHECK(fs::is_empty(scratch.file("elsewhere")));
}
