// SPDX-License-Identifier: Apache-2.0
// Paths: dots, slashes, links, lengths, the working directory, and the calls that start from a directory.
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "../check.h"

using namespace conformance;

namespace {

/// The type and permissions that a path's status gives, or the error.
void kind_of(const char* name, int result, const struct stat& status) {
    if (result != 0) return report_call(name, -1, errno);
    char text[16];
    std::snprintf(text, sizeof(text), "%o", static_cast<unsigned>(status.st_mode));
    report(name, text);
}

void stat_as(const char* path) {
    struct stat status;
    kind_of((std::string("stat ") + path).c_str(), stat(path, &status), status);
    kind_of((std::string("lstat ") + path).c_str(), lstat(path, &status), status);
}

void resolved(const char* path) {
    char text[PATH_MAX];
    const std::string name = std::string("realpath ") + path;
    if (realpath(path, text) != nullptr)
        report(name, text);
    else
        report(name, error_name(errno));
}

void read_link(const char* path, std::size_t size = 100) {
    char text[100];
    const std::string name = "readlink " + std::string(path) + " into " + std::to_string(size);
    const ssize_t length = readlink(path, text, size);
    if (length < 0) return report_call(name, length, errno);
    report(name, std::string_view(text, static_cast<std::size_t>(length)));
}

void works_from(int directory, const char* path) {
    struct stat status;
    const std::string name = path;
    SUCCEEDS("openat " + name, Descriptor(openat(directory, path, O_RDONLY)));
    CALL("fstatat " + name, fstatat(directory, path, &status, 0));
    CALL("fstatat nofollow " + name, fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW));
    CALL("faccessat " + name, faccessat(directory, path, R_OK, 0));
    CALL("unlinkat " + name, unlinkat(directory, path, 0));
    CALL("mkdirat " + name, mkdirat(directory, path, 0755));
    CALL("utimensat " + name, utimensat(directory, path, nullptr, 0));
    CALL("fchmodat " + name, fchmodat(directory, path, 0644, 0));
}

}  // namespace

CONFORMANCE(paths) {
    const std::string name_max(NAME_MAX, 'x'), too_long_name(NAME_MAX + 1, 'x');
    for (const char* path : {"/text.txt",
                             "text.txt",
                             "./text.txt",
                             "//text.txt",
                             "/dir/../text.txt",
                             "/../text.txt",
                             "dir/deep/../../text.txt",
                             "dir/./..//text.txt",
                             "dir",
                             "dir/",
                             "dir/.",
                             "dir/..",
                             "/",
                             "",
                             "nothing",
                             "nothing/",
                             "nothing/text.txt",
                             "nothing/../text.txt",
                             "text.txt/",
                             "text.txt/.",
                             "text.txt/..",
                             "text.txt/x",
                             "link",
                             "link/",
                             "link/x",
                             "dirlink",
                             "dirlink/",
                             "dirlink/inner.txt",
                             "dirlink/..",
                             "dirlink/../text.txt",
                             "dangling",
                             "dangling/",
                             "loop",
                             "loop/x",
                             "absolute",
                             "dir/uplink",
                             "chain",
                             "empty",
                             "program.sh",
                             "/dev",
                             "/dev/null",
                             "/dev/../text.txt",
                             "/dev/nothing"}) {
        stat_as(path);
        resolved(path);
    }
    CALL("name as long as may be", access(name_max.c_str(), F_OK));
    CALL("name too long", access(too_long_name.c_str(), F_OK));
    CALL("name too long on the way", access((too_long_name + "/x").c_str(), F_OK));
    std::string path = "text.txt";
    while (path.size() + 2 < PATH_MAX) path = "./" + path;
    CALL("path as long as may be", access(path.c_str(), F_OK));
    CALL("path too long", access((path + "////").c_str(), F_OK));
    POINTER("realpath of null", realpath(nullptr, nullptr));
    char* own = realpath("dir/uplink", nullptr);
    VALUE("realpath in memory of its own", std::string_view(own));
    free(own);
    for (const char* link :
         {"link", "dirlink", "dangling", "loop", "absolute", "dir/uplink", "text.txt", "dir", "nothing"})
        read_link(link);
    read_link("link", 3);
    CALL("readlink into nothing", readlink("link", nullptr, 0));
    char target[20];
    const Descriptor dir(open("dir", O_RDONLY));
    CALL("readlinkat", readlinkat(dir, "uplink", target, sizeof(target)));
    CALL("readlinkat of a file", readlinkat(dir, "inner.txt", target, sizeof(target)));
}

CONFORMANCE(access) {
    for (const char* path : {"text.txt", "program.sh", "dir", "link", "dangling", "nothing", "/dev/null", "text.txt/x"})
        for (const int mode : {F_OK, R_OK, W_OK, X_OK, R_OK | X_OK, W_OK | X_OK})
            CALL(std::string(path) + " " + std::to_string(mode), access(path, mode));
    CALL("wrong mode", access("text.txt", 64));
    CALL("faccessat effective", faccessat(AT_FDCWD, "text.txt", R_OK, AT_EACCESS));
}

CONFORMANCE(from_a_directory) {
    const Descriptor dir(open("dir", O_RDONLY | O_DIRECTORY));
    const Descriptor file(open("text.txt", O_RDONLY));
    struct stat status;
    works_from(dir, "inner.txt");
    works_from(dir, "deep/x");
    works_from(dir, "../text.txt");
    works_from(dir, "uplink");
    works_from(dir, "nothing");
    works_from(dir, "nothing/x");
    works_from(dir, "/text.txt");
    works_from(dir, "");
    works_from(AT_FDCWD, "text.txt");
    works_from(file, "inner.txt");
    works_from(file, "/text.txt");
    works_from(-1, "inner.txt");
    works_from(-1, "/text.txt");
    CALL("empty path", fstatat(file, "", &status, AT_EMPTY_PATH));
    VALUE("empty path is the file", S_ISREG(status.st_mode));
    CALL("wrong flag", fstatat(dir, "inner.txt", &status, 0x10000000));
    CALL("openat nofollow", openat(dir, "uplink", O_RDONLY | O_NOFOLLOW));
    CALL("openat directory", openat(dir, "inner.txt", O_RDONLY | O_DIRECTORY));
}

CONFORMANCE(working_directory) {
    char text[PATH_MAX];
    VALUE("at first", std::string_view(getcwd(text, sizeof(text))));
    CALL("chdir", chdir("dir"));
    VALUE("then", std::string_view(getcwd(text, sizeof(text))));
    SUCCEEDS("a relative path", Descriptor(open("inner.txt", O_RDONLY)));
    CALL("a path of before", access("text.txt", F_OK));
    VALUE("realpath", std::string_view(realpath("deep/..", text)));
    CALL("chdir up", chdir(".."));
    VALUE("up", std::string_view(getcwd(text, sizeof(text))));
    CALL("chdir through a link", chdir("dirlink"));
    VALUE("is where the link leads", std::string_view(getcwd(text, sizeof(text))));
    CALL("chdir to a file", chdir("/text.txt"));
    CALL("chdir to nothing", chdir("/nothing"));
    CALL("chdir to nowhere", chdir(""));
    const Descriptor root(open("/", O_RDONLY)), file(open("/text.txt", O_RDONLY));
    CALL("fchdir to a file", fchdir(file));
    CALL("fchdir to a wrong descriptor", fchdir(-1));
    CALL("fchdir", fchdir(root));
    VALUE("root", std::string_view(getcwd(text, sizeof(text))));
    POINTER("getcwd without room", getcwd(text, 1));
    POINTER("getcwd with no room", getcwd(text, 0));
    char* own = getcwd(nullptr, 0);
    VALUE("getcwd in memory of its own", std::string_view(own));
    free(own);
}
