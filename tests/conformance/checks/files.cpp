// SPDX-License-Identifier: Apache-2.0
// Opening and reading files, their status, and the refusal to change them.
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>

#include "../check.h"

using namespace conformance;

namespace {

struct Opening {
    const char* name;
    int flags;
};
constexpr Opening openings[] = {
    {"read", O_RDONLY},
    {"write", O_WRONLY},
    {"both", O_RDWR},
    {"truncate", O_RDONLY | O_TRUNC},
    {"append", O_WRONLY | O_APPEND},
    {"create", O_RDONLY | O_CREAT},
    {"create for writing", O_WRONLY | O_CREAT},
    {"create anew", O_RDONLY | O_CREAT | O_EXCL},
    {"directory", O_RDONLY | O_DIRECTORY},
    {"create a directory", O_RDONLY | O_CREAT | O_DIRECTORY},
    {"no link", O_RDONLY | O_NOFOLLOW},
    {"no link, directory", O_RDONLY | O_NOFOLLOW | O_DIRECTORY},
    {"nonblocking", O_RDONLY | O_NONBLOCK},
};

void text_of(const char* name, int fd, std::size_t size) {
    char text[200] = {};
    const ssize_t length = read(fd, text, size);
    if (length < 0) return report_call(name, length, errno);
    report(name, std::string("\"") + text + "\"");
}

}  // namespace

CONFORMANCE(opening) {
    for (const char* path : {"text.txt", "dir", "link", "dirlink", "dangling", "loop", "nothing", "nothing/x",
                             "dir/new", "text.txt/x", "", "/dev/null"})
        for (const Opening& opening : openings)
            SUCCEEDS(std::string(path) + " " + opening.name, Descriptor(open(path, opening.flags, 0644)));
    CALL("creat", creat("new", 0644));
    CALL("creat of what is there", creat("text.txt", 0644));
}

CONFORMANCE(reading) {
    const Descriptor file(open("text.txt", O_RDONLY));
    char buffer[100];
    text_of("whole", file, 100);
    CALL("at the end", read(file, buffer, sizeof(buffer)));
    CALL("to the beginning", lseek(file, 0, SEEK_SET));
    text_of("part", file, 5);
    CALL("place", lseek(file, 0, SEEK_CUR));
    CALL("end", lseek(file, 0, SEEK_END));
    CALL("before the end", lseek(file, -6, SEEK_END));
    text_of("last part", file, 100);
    CALL("beyond the end", lseek(file, 1000, SEEK_SET));
    CALL("reading there", read(file, buffer, 1));
    CALL("below zero", lseek(file, -1, SEEK_SET));
    CALL("wrong whence", lseek(file, 0, 77));
    CALL("pread", pread(file, buffer, 5, 7));
    CALL("pread beyond", pread(file, buffer, 5, 1000));
    CALL("pread below zero", pread(file, buffer, 5, -1));
    CALL("place after pread", lseek(file, 0, SEEK_CUR));
    CALL("reading nothing", read(file, buffer, 0));
    CALL("writing", write(file, "x", 1));
    CALL("pwrite", pwrite(file, "x", 1, 0));
    CALL("wrong descriptor", read(-1, buffer, 1));
    CALL("closed descriptor", read(1000, buffer, 1));
    CALL("directory", read(Descriptor(open("dir", O_RDONLY)), buffer, 1));
    CALL("from a file for writing", read(Descriptor(open("/dev/null", O_WRONLY)), buffer, 1));
    CALL("fsync", fsync(file));
    CALL("fdatasync", fdatasync(file));
    CALL("fsync of a wrong descriptor", fsync(-1));
    CALL("close", close(dup(file)));
    CALL("close of a wrong descriptor", close(-1));
    const Descriptor directory(open("dir", O_RDONLY));
    CALL("directory, from an offset", pread(directory, buffer, 1, 0));
    const Descriptor empty(open("empty", O_RDONLY));
    CALL("empty file", read(empty, buffer, 1));
    CALL("end of an empty file", lseek(empty, 0, SEEK_END));
}

CONFORMANCE(parts) {
    const Descriptor file(open("lines.txt", O_RDONLY));
    char first[4], second[100];
    const iovec parts[] = {{first, sizeof(first)}, {nullptr, 0}, {second, sizeof(second)}};
    CALL("readv", readv(file, parts, 3));
    VALUE("first part", std::string_view(first, 4));
    VALUE("second part", std::string_view(second, 10));
    CALL("at the end", readv(file, parts, 3));
    CALL("no parts", readv(file, parts, 0));
    CALL("less than none", readv(file, parts, -1));
    CALL("too many", readv(file, parts, 100000));
    const iovec huge[] = {{first, static_cast<std::size_t>(-1) / 2}, {second, static_cast<std::size_t>(-1) / 2}};
    CALL("too much", readv(file, huge, 2));
    CALL("writing", writev(file, parts, 3));
    CALL("wrong descriptor", readv(-1, parts, 1));
    const Descriptor null(open("/dev/null", O_WRONLY));
    CALL("written to nothing", writev(null, parts, 3));
}

CONFORMANCE(status) {
    struct stat status, other;
    CALL("stat", stat("text.txt", &status));
    VALUE("size", status.st_size);
    VALUE("links", status.st_nlink);
    VALUE("owner", status.st_uid);
    VALUE("a time of this century", status.st_mtime > 1'000'000'000);
    VALUE("blocks", status.st_blocks > 0);
    CALL("through a link", stat("link", &other));
    VALUE("is the same", status.st_ino == other.st_ino && status.st_dev == other.st_dev);
    CALL("the link", lstat("link", &other));
    VALUE("is another", status.st_ino != other.st_ino);
    VALUE("is a link", S_ISLNK(other.st_mode));
    VALUE("its size", other.st_size);
    const Descriptor file(open("text.txt", O_RDONLY));
    CALL("fstat", fstat(file, &other));
    VALUE("is it, too", status.st_ino == other.st_ino);
    CALL("wrong descriptor", fstat(-1, &other));
    for (const char* device : {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"}) {
        CALL(device, stat(device, &status));
        VALUE("is a character device", S_ISCHR(status.st_mode));
        VALUE("its number", static_cast<unsigned long>(status.st_rdev));
        const Descriptor opened(open(device, O_RDONLY));
        CALL("the same opened", fstat(opened, &other));
        VALUE("is the same device", status.st_ino == other.st_ino && status.st_rdev == other.st_rdev);
    }
    CALL("a directory", stat("dir", &status));
    VALUE("is one", S_ISDIR(status.st_mode));
    CALL("from within", stat("dir/deep/..", &other));
    VALUE("is the same directory", status.st_ino == other.st_ino);
}

CONFORMANCE(changing) {
    timeval times[2] = {};
    timespec exact[2] = {};
    for (const char* path : {"text.txt", "dir", "link", "dangling", "new", "nothing/new", "text.txt/new", ""}) {
        const std::string name = path;
        CALL("unlink " + name, unlink(path));
        CALL("rmdir " + name, rmdir(path));
        CALL("mkdir " + name, mkdir(path, 0755));
        CALL("mkfifo " + name, mkfifo(path, 0644));
        CALL("link to " + name, link("text.txt", path));
        CALL("link from " + name, link(path, "new"));
        CALL("symlink " + name, symlink("text.txt", path));
        CALL("rename to " + name, rename("text.txt", path));
        CALL("rename from " + name, rename(path, "new"));
        CALL("truncate " + name, truncate(path, 0));
        CALL("chmod " + name, chmod(path, 0644));
        CALL("chown " + name, chown(path, 0, 0));
        CALL("lchown " + name, lchown(path, 0, 0));
        CALL("utimes " + name, utimes(path, times));
        CALL("utimensat " + name, utimensat(AT_FDCWD, path, exact, AT_SYMLINK_NOFOLLOW));
        CALL("linkat to " + name, linkat(AT_FDCWD, "link", AT_FDCWD, path, AT_SYMLINK_FOLLOW));
        CALL("symlinkat " + name, symlinkat("x", AT_FDCWD, path));
        CALL("renameat " + name, renameat(AT_FDCWD, path, AT_FDCWD, "new"));
        CALL("mkfifoat " + name, mkfifoat(AT_FDCWD, path, 0644));
        CALL("fchownat " + name, fchownat(AT_FDCWD, path, 0, 0, AT_SYMLINK_NOFOLLOW));
        CALL("remove " + name, remove(path));
    }
    const Descriptor file(open("text.txt", O_RDONLY));
    CALL("ftruncate", ftruncate(file, 0));
    CALL("ftruncate below zero", ftruncate(file, -1));
    CALL("ftruncate of a wrong descriptor", ftruncate(-1, 0));
    CALL("truncate below zero", truncate("text.txt", -1));
    CALL("fchmod", fchmod(file, 0644));
    CALL("fchmod of a wrong descriptor", fchmod(-1, 0644));
    CALL("fchown", fchown(file, 0, 0));
    CALL("futimens", futimens(file, exact));
    CALL("mkstemp", mkstemp(std::string("/tempXXXXXX").data()));
    POINTER("mkdtemp", mkdtemp(std::string("/tempXXXXXX").data()));
    POINTER("tmpfile", tmpfile());
    umask(027);
    VALUE("umask", umask(022));
    VALUE("umask of more than it has", (umask(07777), umask(022)));
}

CONFORMANCE(devices) {
    char bytes[64];
    const Descriptor null(open("/dev/null", O_RDWR)), zero(open("/dev/zero", O_RDWR)),
        random(open("/dev/urandom", O_RDONLY));
    CALL("null takes all", write(null, bytes, sizeof(bytes)));
    CALL("null gives nothing", read(null, bytes, sizeof(bytes)));
    CALL("null has a place", lseek(null, 10, SEEK_SET));
    std::memset(bytes, 1, sizeof(bytes));
    CALL("zero", read(zero, bytes, sizeof(bytes)));
    VALUE("all of it is", std::string_view(bytes, sizeof(bytes)) == std::string(sizeof(bytes), '\0'));
    CALL("zero takes all", write(zero, bytes, sizeof(bytes)));
    CALL("zero from an offset", pread(zero, bytes, 10, 100));
    CALL("null from an offset", pread(null, bytes, 10, 100));
    CALL("random", read(random, bytes, sizeof(bytes)));
    VALUE("is no zeros", std::string_view(bytes, sizeof(bytes)) != std::string(sizeof(bytes), '\0'));
    CALL("isatty of null", isatty(null));
    CALL("null cannot be cut", ftruncate(null, 0));
}

CONFORMANCE(limits) {
    for (const auto& [name, key] : {std::pair<const char*, int>{"name", _PC_NAME_MAX},
                                    {"not cut", _PC_NO_TRUNC},
                                    {"chown", _PC_CHOWN_RESTRICTED},
                                    {"wrong", 9999}}) {
        CALL(std::string("pathconf ") + name, pathconf("/", key));
        CALL(std::string("fpathconf ") + name, fpathconf(Descriptor(open("text.txt", O_RDONLY)), key));
    }
    CALL("pathconf of a wrong descriptor", fpathconf(-1, _PC_NAME_MAX));
    VALUE("paths are as long as they say", pathconf("/", _PC_PATH_MAX) == PATH_MAX);
}
