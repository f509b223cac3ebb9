// SPDX-License-Identifier: Apache-2.0
// Runs a program on Linux where it finds what it would find in an image: enter TREE PROGRAM ARGUMENT...
// Its root is TREE, read-only, with the host's small devices, and writable /tmp and /small (64 KiB); its user number is
// 0. The program is static.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "enter: %s: %s\n", what, std::strerror(errno));
    // A shell's exit code for a command that cannot be run.
    _exit(126);
}

void write_file(const char* path, const std::string& text) {
    const int fd = open(path, O_WRONLY);
    if (fd < 0 || write(fd, text.data(), text.size()) < 0) fail(path);
    close(fd);
}

void become_root_of_own_namespace() {
    const auto user = getuid(), group = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0) fail("unshare");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
    write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("mount");
}

/// A new network namespace has its own loopback device, which is down.
void switch_loopback_on() {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request = {};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail("lo");
    close(fd);
}

/// Flags of the mount that the tree comes from may not be taken away in a user namespace (mount_namespaces(7)).
void make_read_only(const std::string& tree) {
    struct statvfs now = {};
    if (statvfs(tree.c_str(), &now) != 0) fail(tree.c_str());
    unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY;
    if (now.f_flag & ST_NOSUID) flags |= MS_NOSUID;
    if (now.f_flag & ST_NODEV) flags |= MS_NODEV;
    if (now.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
    if (now.f_flag & ST_NOATIME) flags |= MS_NOATIME;
    if (now.f_flag & ST_NODIRATIME) flags |= MS_NODIRATIME;
    if (now.f_flag & ST_RELATIME) flags |= MS_RELATIME;
    if (mount(nullptr, tree.c_str(), nullptr, flags, nullptr) != 0) fail("remount");
}

void mount_in_memory(const std::string& path, const char* options) {
    if (mount("tmpfs", path.c_str(), "tmpfs", MS_RELATIME, options) != 0) fail(path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 125;
    const std::string tree = argv[1];
    const int program = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (program < 0) fail(argv[2]);
    become_root_of_own_namespace();
    switch_loopback_on();
    if (mount(tree.c_str(), tree.c_str(), nullptr, MS_BIND, nullptr) != 0) fail(tree.c_str());
    for (const char* device : {"null", "zero", "random", "urandom"}) {
        const std::string from = std::string("/dev/") + device, to = tree + from;
        if (mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) != 0) fail(to.c_str());
    }
    make_read_only(tree);
    mount_in_memory(tree + "/tmp", "mode=1777");
    mount_in_memory(tree + "/small", "mode=1777,size=64k");
    if (chroot(tree.c_str()) != 0 || chdir("/") != 0) fail("chroot");
    char* const environment[] = {nullptr};
    fexecve(program, argv + 2, environment);
    fail(argv[2]);
}
