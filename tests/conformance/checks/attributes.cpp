// SPDX-License-Identifier: Apache-2.0
// Attributes of files: times, permissions, owners, access.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include <ctime>
#include <string>

#include "../check.h"
#include "../tree.h"

using namespace conformance;

namespace {

constexpr timespec long_ago[2] = {{1'000'000'000, 1}, {1'000'000'100, 2}};

struct stat look(const char* path) {
    struct stat status = {};
    lstat(path, &status);
    return status;
}

/// Which times of a file a call changes, from times long ago.
template <typename Call>
void touches(const char* name, const char* path, Call&& call) {
    utimensat(AT_FDCWD, path, long_ago, AT_SYMLINK_NOFOLLOW);
    const struct stat before = look(path);
    const timespec wait = {0, 20'000'000};
    nanosleep(&wait, nullptr);
    call();
    const struct stat after = look(path);
    const auto differs = [](const timespec& one, const timespec& other) {
        return one.tv_sec != other.tv_sec || one.tv_nsec != other.tv_nsec;
    };
    std::string text;
    if (differs(before.st_atim, after.st_atim)) text += "a";
    if (differs(before.st_mtim, after.st_mtim)) text += "m";
    if (differs(before.st_ctim, after.st_ctim)) text += "c";
    report(name, text.empty() ? "none" : text);
}

void times_of(const char* name, const char* path) {
    const struct stat status = look(path);
    report(name, std::to_string(status.st_atim.tv_sec) + "." + std::to_string(status.st_atim.tv_nsec) + " " +
                     std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec));
}

}  // namespace

CONFORMANCE(times) {
    plant_tree();
    char text[10];
    const Descriptor file(open("text", O_RDWR)), directory(open("dir", O_RDONLY));
    touches("read", "text", [&] { pread(file, text, 5, 0); });
    touches("read nothing", "text", [&] { pread(file, text, 5, 100); });
    touches("write", "text", [&] { pwrite(file, "x", 1, 0); });
    touches("write nothing", "text", [&] { pwrite(file, "x", 0, 0); });
    touches("cut", "text", [&] { ftruncate(file, 3); });
    touches("chmod", "text", [&] { fchmod(file, 0600); });
    touches("chown", "text", [&] { fchown(file, -1, -1); });
    touches("link", "text", [&] { link("text", "more"); });
    touches("unlink", "text", [&] { unlink("more"); });
    touches("rename", "text", [&] { rename("text", "moved"), rename("moved", "text"); });
    touches("open", "text", [&] { close(open("text", O_RDWR)); });
    touches("open, cut", "text", [&] { close(open("text", O_RDWR | O_TRUNC)); });
    touches("stat", "text", [&] { look("text"); });
    touches("create in a directory", "dir", [&] { close(openat(directory, "new", O_CREAT | O_WRONLY, 0644)); });
    touches("write in a directory", "dir", [&] { close(openat(directory, "new", O_TRUNC | O_WRONLY, 0644)); });
    touches("unlink in a directory", "dir", [&] { unlinkat(directory, "new", 0); });
    touches("move into a directory", "dir", [&] { rename("empty", "dir/empty"); });
    touches("move out of a directory", "dir", [&] { rename("dir/empty", "empty"); });
    touches("readlink", "link", [&] { readlink("link", text, sizeof(text)); });
    touches("follow", "link", [&] { access("link", F_OK); });
    fell_tree();
}

CONFORMANCE(setting_times) {
    plant_tree();
    CALL("utimensat", utimensat(AT_FDCWD, "text", long_ago, 0));
    times_of("both", "text");
    const timespec omit[2] = {{5, 5}, {0, UTIME_OMIT}}, omit_both[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    CALL("omitting one", utimensat(AT_FDCWD, "text", omit, 0));
    times_of("one", "text");
    CALL("omitting both", utimensat(AT_FDCWD, "text", omit_both, 0));
    times_of("as before", "text");
    const timespec now[2] = {{0, UTIME_NOW}, {7, 7}};
    CALL("now", utimensat(AT_FDCWD, "text", now, 0));
    VALUE("is now", look("text").st_atime > 1'500'000'000);
    VALUE("is what was given", look("text").st_mtim.tv_nsec == 7);
    const timespec wrong[2] = {{0, 1'000'000'000}, {0, 0}}, below[2] = {{0, -5}, {0, 0}};
    CALL("too many nanoseconds", utimensat(AT_FDCWD, "text", wrong, 0));
    CALL("too few nanoseconds", utimensat(AT_FDCWD, "text", below, 0));
    const timespec before_1970[2] = {{-5, 1}, {-6, 2}};
    CALL("before 1970", utimensat(AT_FDCWD, "text", before_1970, 0));
    times_of("then", "text");
    CALL("of a link", utimensat(AT_FDCWD, "link", long_ago, AT_SYMLINK_NOFOLLOW));
    times_of("the link's", "link");
    times_of("not the file's", "text");
    CALL("through a link", utimensat(AT_FDCWD, "link", long_ago, 0));
    times_of("the file's", "text");
    CALL("of nothing", utimensat(AT_FDCWD, "nothing", long_ago, 0));
    CALL("with a wrong flag", utimensat(AT_FDCWD, "text", long_ago, 1 << 28));
    const timeval exact[2] = {{3, 4}, {5, 6}}, wrong_value[2] = {{3, 1'000'000}, {5, 6}};
    CALL("utimes", utimes("text", exact));
    times_of("microseconds", "text");
    CALL("utimes, wrong", utimes("text", wrong_value));
    CALL("lutimes", lutimes("link", exact));
    times_of("microseconds of a link", "link");
    const Descriptor file(open("text", O_RDONLY));
    CALL("futimens", futimens(file, long_ago));
    times_of("by descriptor", "text");
    CALL("futimes", futimes(file, exact));
    times_of("by descriptor, microseconds", "text");
    const utimbuf seconds = {11, 12};
    CALL("utime", utime("text", &seconds));
    times_of("seconds", "text");
    CALL("utime now", utime("text", nullptr));
    VALUE("is now too", look("text").st_mtime > 1'500'000'000);
    fell_tree();
}

CONFORMANCE(permissions) {
    plant_tree();
    const auto mode = [](const char* path) { return static_cast<unsigned>(look(path).st_mode); };
    for (const mode_t wanted : {0777u, 0u, 04755u, 02755u, 01777u, 0177777u}) {
        CALL("chmod " + std::to_string(wanted), chmod("text", wanted));
        VALUE("mode " + std::to_string(wanted), mode("text"));
        CALL("access to read " + std::to_string(wanted), access("text", R_OK));
        CALL("access to write " + std::to_string(wanted), access("text", W_OK));
        CALL("access to execute " + std::to_string(wanted), access("text", X_OK));
        SUCCEEDS("open " + std::to_string(wanted), Descriptor(open("text", O_RDWR)));
    }
    CALL("chmod through a link", chmod("link", 0640));
    VALUE("is the file's", mode("text"));
    VALUE("the link stays", mode("link"));
    const Descriptor file(open("text", O_RDONLY)), directory(open("full", O_RDONLY));
    CALL("fchmod", fchmod(file, 0611));
    VALUE("mode by descriptor", mode("text"));
    CALL("fchmodat", fchmodat(directory, "inner", 0622, 0));
    VALUE("mode at", mode("full/inner"));
    CALL("fchmodat of nothing", fchmodat(directory, "nothing", 0622, 0));
    CALL("chmod of a directory", chmod("dir", 0));
    VALUE("mode of a directory", mode("dir"));
    SUCCEEDS("which is used all the same", Descriptor(open("dir/new", O_CREAT | O_WRONLY, 0600)));
    chmod("dir", 02755);
    mkdir("dir/below", 0700);
    VALUE("a group's directory below another", mode("dir/below"));
    CALL("chown", chown("text", 0, 0));
    chmod("text", 06777);
    CALL("chown of what runs as its owner", chown("text", 0, -1));
    VALUE("takes that away", mode("text"));
    CALL("lchown", lchown("link", 0, 0));
    CALL("fchown", fchown(file, 0, 0));
    CALL("fchownat", fchownat(directory, "inner", 0, 0, AT_SYMLINK_NOFOLLOW));
    CALL("chown of nothing", chown("nothing", 0, 0));
    CALL("fchownat of an empty path", fchownat(file, "", 0, 0, AT_EMPTY_PATH));
    CALL("chown on what is read-only", chown("/text.txt", 0, 0));
    struct stat one, other;
    stat("text", &one);
    stat("/text.txt", &other);
    VALUE("another file system", one.st_dev != other.st_dev);
    stat("/tmp", &one);
    VALUE("mode of /tmp", static_cast<unsigned>(one.st_mode));
    stat("/tmp/..", &one);
    stat("/", &other);
    VALUE("above a mount", one.st_ino == other.st_ino && one.st_dev == other.st_dev);
    fell_tree();
}
