// SPDX-License-Identifier: Apache-2.0
// The first process of a Linux machine: modules, file systems, the network, and the end.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "interface_option.h"
#include "socket.h"
#include "start.h"

namespace pvbench {

namespace {

/// What went wrong is said, and the rest goes on: the measures that need it are left out with their reasons.
void complain(const std::string& what) {
    std::fprintf(stderr, "pvbench: cannot %s: %s\n", what.c_str(), std::strerror(errno));
}

void mount_at(const char* type, const char* directory) {
    mkdir(directory, 0755);
    if (mount(type, directory, type, 0, nullptr) != 0 && errno != EBUSY) complain(std::string("mount ") + directory);
}

/// An initramfs without /dev/console starts its first process without standard streams.
void open_console() {
    const int console = open("/dev/console", O_RDWR);
    if (console < 0) return;
    for (int descriptor = 0; descriptor <= 2; ++descriptor)
        if (console != descriptor) dup2(console, descriptor);
    if (console > 2) close(console);
}

void load_modules() {
    std::error_code error;
    std::set<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator("/modules", error)) paths.insert(entry.path());
    for (const std::filesystem::path& path : paths) {
        const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0 || (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST))
            complain("load " + path.string());
        if (file >= 0) close(file);
    }
}

sockaddr address_of(in_addr address) {
    sockaddr_in internet{};
    internet.sin_family = AF_INET;
    internet.sin_addr = address;
    sockaddr result;
    std::memcpy(&result, &internet, sizeof(result));
    return result;
}

bool change(const Socket& socket, unsigned long request, const char* name, sockaddr value) {
    ifreq interface {};
    std::strncpy(interface.ifr_name, name, IFNAMSIZ - 1);
    interface.ifr_addr = value;
    return ioctl(socket.get(), request, &interface) == 0;
}

bool raise_interface(const Socket& socket, const char* name) {
    ifreq interface {};
    std::strncpy(interface.ifr_name, name, IFNAMSIZ - 1);
    interface.ifr_flags = IFF_UP | IFF_RUNNING;
    return ioctl(socket.get(), SIOCSIFFLAGS, &interface) == 0;
}

/// The driver finds its device some time after its module was loaded.
bool await_interface(const char* name) {
    for (int tries = 0; tries != 2000; ++tries) {
        if (if_nametoindex(name) != 0) return true;
        usleep(1000);
    }
    return false;
}

void bring_up_network() {
    const Socket socket(::socket(AF_INET, SOCK_DGRAM, 0));
    raise_interface(socket, "lo");
    std::ifstream file("/proc/cmdline");
    std::string command_line;
    std::getline(file, command_line);
    const auto option = find_interface_option(command_line);
    if (!option) return;
    constexpr char name[] = "eth0";
    if (!await_interface(name) || !change(socket, SIOCSIFADDR, name, address_of(option->address)) ||
        !change(socket, SIOCSIFNETMASK, name, address_of(option->mask)) || !raise_interface(socket, name))
        return complain(std::string("bring up ") + name);
    if (option->gateway.s_addr == 0) return;
    rtentry route{};
    route.rt_dst = address_of({});
    route.rt_genmask = address_of({});
    route.rt_gateway = address_of(option->gateway);
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    if (ioctl(socket.get(), SIOCADDRT, &route) != 0) complain("add the route to the gateway");
}

}  // namespace

void prepare_machine() {
    if (getpid() != 1) return;
    mount_at("devtmpfs", "/dev");
    open_console();
    mount_at("proc", "/proc");
    mount_at("sysfs", "/sys");
    load_modules();
    bring_up_network();
}

void leave_machine() {
    if (getpid() != 1) return;
    std::fflush(nullptr);
    sync();
    reboot(RB_POWER_OFF);
}

}  // namespace pvbench
