// SPDX-License-Identifier: Apache-2.0
// Calls that make, move and remove names, each with each kind of path; and the tree afterwards.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "../check.h"
#include "../tree.h"

using namespace conformance;

namespace {

const std::string long_name(255, 'n'), too_long_name(256, 'n');

// The devices in /dev are the host's own on Linux, where a call as user 0 would change them.
const std::string paths[] = {"text",          "empty",        "dir",         "full",     "full/inner", "full/deep",
                             "link",          "dirlink",      "dangling",    "loop",     "new",        "new/",
                             "text/",         "dir/",         "full/",       "link/",    "dirlink/",   "dangling/",
                             "dirlink/inner", "text/new",     "nothing/new", "loop/new", ".",          "..",
                             "dir/.",         "full/deep/..", "/",           "/tmp",     "/tmp/..",    "",
                             "out",           "/text.txt",    "/new",        "/dev/new", "/small",     "/small/new",
                             long_name,       too_long_name,  "dir/new",     "hard"};

/// One call in a fresh tree.
template <typename Call>
void in_tree(const std::string& name, Call&& call) {
    plant_tree();
    const std::string before = tree_text();
    errno = 0;
    const int result = call();
    const int code = errno;
    if (result >= 3) close(result);
    report_call(name, result < 0 ? -1 : 0, result < 0 ? code : 0);
    if (const std::string after = tree_text(); after != before) report(name + ", then", after);
    fell_tree();
    rmdir("/small/new");
    unlink("/small/new");
    chmod("/tmp", 01777);
    chmod("/small", 01777);
}

struct Call {
    const char* name;
    int (*run)(const char* path);
};

constexpr Call calls[] = {
    {"mkdir", [](const char* path) { return mkdir(path, 0751); }},
    {"mkdirat", [](const char* path) { return mkdirat(AT_FDCWD, path, 01777); }},
    {"rmdir", [](const char* path) { return rmdir(path); }},
    {"unlink", [](const char* path) { return unlink(path); }},
    {"unlinkat a directory", [](const char* path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }},
    {"remove", [](const char* path) { return remove(path); }},
    {"symlink", [](const char* path) { return symlink("target", path); }},
    {"mknodat", [](const char* path) { return mknodat(AT_FDCWD, path, S_IFREG | 0640, 0); }},
    {"creat", [](const char* path) { return creat(path, 0604); }},
    {"open to read", [](const char* path) { return open(path, O_RDONLY); }},
    {"open to read, made", [](const char* path) { return open(path, O_RDONLY | O_CREAT, 0400); }},
    {"open to write", [](const char* path) { return open(path, O_WRONLY); }},
    {"open to write, made anew", [](const char* path) { return open(path, O_WRONLY | O_CREAT | O_EXCL, 0666); }},
    {"open, cut", [](const char* path) { return open(path, O_RDWR | O_TRUNC); }},
    {"open without a link, made", [](const char* path) { return open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600); }},
    {"open a directory", [](const char* path) { return open(path, O_RDONLY | O_DIRECTORY); }},
    {"truncate", [](const char* path) { return truncate(path, 2); }},
    {"chmod", [](const char* path) { return chmod(path, 02710); }},
    {"chdir", [](const char* path) { return chdir(path) == 0 ? chdir("/tmp/tree") : -1; }},
};

struct Move {
    const char* name;
    int (*run)(const char* from, const char* to);
};

constexpr Move moves[] = {
    {"rename", [](const char* from, const char* to) { return rename(from, to); }},
    {"link", [](const char* from, const char* to) { return link(from, to); }},
    {"renameat2 keeping",
     [](const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); }},
    {"renameat2 exchanging",
     [](const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE); }},
};

}  // namespace

CONFORMANCE(names) {
    umask(022);
    for (const Call& call : calls)
        for (const std::string& path : paths) {
            const std::string shown = path.size() > 100 ? "a name of " + std::to_string(path.size()) : path;
            in_tree(call.name + (" " + shown), [&] { return call.run(path.c_str()); });
        }
}

// /dev is a file system of its own on Tenon.
CONFORMANCE(moves) {
    umask(022);
    for (const Move& move : moves)
        for (const std::string& from : paths)
            for (const std::string& to : paths)
                if (from.size() < 100 && to.size() < 100 && !from.starts_with("/dev/") && !to.starts_with("/dev/"))
                    in_tree(std::string(move.name) + " " + from + " to " + to,
                            [&] { return move.run(from.c_str(), to.c_str()); });
    in_tree("renameat2 with a wrong flag", [] { return renameat2(AT_FDCWD, "text", AT_FDCWD, "new", 64); });
    in_tree("linkat following", [] { return linkat(AT_FDCWD, "link", AT_FDCWD, "new", AT_SYMLINK_FOLLOW); });
    in_tree("linkat with a wrong flag", [] { return linkat(AT_FDCWD, "link", AT_FDCWD, "new", 1 << 28); });
    in_tree("unlinkat with a wrong flag", [] { return unlinkat(AT_FDCWD, "text", 1 << 28); });
    in_tree("symlink to nothing", [] { return symlink("", "new"); });
    in_tree("symlink to what is too long", [] { return symlink(std::string(5000, 'x').c_str(), "new"); });
    in_tree("mknod of a directory", [] { return mknodat(AT_FDCWD, "new", S_IFDIR | 0755, 0); });
    in_tree("mkdir with a mask", [] {
        umask(077);
        const int result = mkdir("new", 0777);
        umask(022);
        return result;
    });
}
