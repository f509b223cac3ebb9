// SPDX-License-Identifier: Apache-2.0
// What has no equal on Linux: an image without the network, the hypervisor's request to stop, functions that are not
// there. The argument chooses.
#include <dlfcn.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

volatile bool is_asked_to_stop = false;

/// Local sockets, watched by an epoll, without the feature `net`.
int use_local_sockets() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
    const int epoll = epoll_create1(0);
    epoll_event event = {};
    event.events = EPOLLIN;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) != 0 || send(ends[1], "local", 5, 0) != 5) return 2;
    if (epoll_wait(epoll, &event, 1, -1) != 1) return 3;
    char text[8] = {};
    if (recv(ends[0], text, sizeof(text), 0) != 5) return 4;
    std::puts(text);
    const int internet = socket(AF_INET, SOCK_STREAM, 0);
    std::printf("of IP: %s\n", internet < 0 && errno == EAFNOSUPPORT ? "EAFNOSUPPORT" : "a socket");
    return 0;
}

int wait_for_handler() {
    signal(SIGTERM, [](int) { is_asked_to_stop = true; });
    tenon_ready();
    std::puts("waiting");
    while (!is_asked_to_stop) pause();
    std::puts("handled");
    return 5;
}

int wait_for_descriptor() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    const int fd = signalfd(-1, &set, 0);
    tenon_ready();
    std::puts("waiting");
    signalfd_siginfo signal = {};
    if (read(fd, &signal, sizeof(signal)) != sizeof(signal)) return 1;
    std::printf("read %u\n", signal.ssi_signo);
    return 6;
}

/// A handler that was taken back: the machine stops by itself.
int take_back_handler() {
    signal(SIGTERM, [](int) { std::puts("wrong"); });
    signal(SIGTERM, SIG_DFL);
    tenon_ready();
    std::puts("waiting");
    for (;;) pause();
}

int ask_for_what_is_absent() {
    for (int i = 0; i != 2; ++i) {
        if (setpgid(0, 0) != -1 || errno != ENOSYS) return 1;
        if (fork() != -1) return 2;
        if (posix_spawn(nullptr, "x", nullptr, nullptr, nullptr, nullptr) != ENOSYS) return 3;
        if (dlopen("x.so", RTLD_NOW) != nullptr) return 4;
        std::printf("dlerror: %s\n", dlerror());
        if (dlerror() != nullptr) return 5;
    }
    openlog("apart", LOG_PID, LOG_DAEMON);
    errno = ENOENT;
    syslog(LOG_WARNING, "%s: %m, 100%%", "a file");
    setlogmask(LOG_UPTO(LOG_ERR));
    syslog(LOG_WARNING, "not to be seen");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "local") return use_local_sockets();
    if (what == "handler") return wait_for_handler();
    if (what == "descriptor") return wait_for_descriptor();
    if (what == "taken-back") return take_back_handler();
    if (what == "absent") return ask_for_what_is_absent();
    return 99;
}
