// SPDX-License-Identifier: Apache-2.0
// Descriptors: dup, fcntl, ioctl, poll and select.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "../check.h"

using namespace conformance;

namespace {

/// F_GETFL's flags by name: their numbers differ.
std::string flags_of(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return error_name(errno);
    std::string text = (flags & O_ACCMODE) == O_RDONLY ? "read" : (flags & O_ACCMODE) == O_WRONLY ? "write" : "both";
    if ((flags & O_APPEND) != 0) text += " append";
    if ((flags & O_NONBLOCK) != 0) text += " nonblocking";
    return text;
}

int poll_one(int fd, short events, int timeout_ms) {
    pollfd polled = {fd, events, 0};
    return poll(&polled, 1, timeout_ms);
}

}  // namespace

CONFORMANCE(duplicating) {
    const int first = open("text.txt", O_RDONLY);
    const int second = dup(first);
    VALUE("the lowest", second == first + 1);
    char byte;
    read(first, &byte, 1);
    CALL("shares the place", lseek(second, 0, SEEK_CUR));
    CALL("dup2 of itself", dup2(first, first) - first);
    CALL("dup2 of a wrong one to itself", dup2(-1, -1));
    CALL("dup2", dup2(first, 50));
    CALL("dup2 to a wrong one", dup2(first, -1));
    CALL("dup2 of a wrong one", dup2(-1, 50));
    CALL("dup2 beyond all", dup2(first, 1 << 28));
    CALL("dup3 of itself", dup3(first, first, 0));
    CALL("dup3 with a wrong flag", dup3(first, 51, 1));
    CALL("dup3", dup3(first, 51, O_CLOEXEC));
    CALL("F_GETFD of dup3's", fcntl(51, F_GETFD));
    CALL("F_GETFD of dup2's", fcntl(50, F_GETFD));
    CALL("dup of a wrong one", dup(-1));
    CALL("dup of a closed one", dup(1000));
    CALL("F_DUPFD", fcntl(first, F_DUPFD, 60));
    CALL("F_DUPFD of a taken one", fcntl(first, F_DUPFD, 60));
    CALL("F_DUPFD_CLOEXEC", fcntl(first, F_DUPFD_CLOEXEC, 70));
    CALL("F_GETFD of it", fcntl(70, F_GETFD));
    CALL("F_DUPFD below zero", fcntl(first, F_DUPFD, -1));
    CALL("F_DUPFD beyond all", fcntl(first, F_DUPFD, 1 << 28));
    for (const int fd : {50, 51, 60, 61, 70, second, first}) CALL("close", close(fd));
    CALL("close again", close(first));
}

CONFORMANCE(fcntl) {
    const Descriptor file(open("text.txt", O_RDONLY | O_CLOEXEC));
    CALL("F_GETFD", fcntl(file, F_GETFD));
    CALL("F_SETFD", fcntl(file, F_SETFD, 0));
    CALL("F_GETFD then", fcntl(file, F_GETFD));
    CALL("F_SETFD again", fcntl(file, F_SETFD, FD_CLOEXEC));
    CALL("F_GETFD at last", fcntl(file, F_GETFD));
    report("F_GETFL", flags_of(file));
    CALL("F_SETFL", fcntl(file, F_SETFL, O_NONBLOCK | O_APPEND));
    report("F_GETFL then", flags_of(file));
    const Descriptor same(dup(file));
    report("F_GETFL of its duplicate", flags_of(same));
    CALL("F_GETFD of its duplicate", fcntl(same, F_GETFD));
    CALL("F_SETFL cannot change the mode", fcntl(file, F_SETFL, O_RDWR));
    report("F_GETFL at last", flags_of(file));
    CALL("wrong command", fcntl(file, 9999));
    CALL("wrong descriptor", fcntl(-1, F_GETFD));
    CALL("F_SETFD of a wrong descriptor", fcntl(-1, F_SETFD, 0));
    CALL("F_GETFL of a wrong descriptor", fcntl(1000, F_GETFL));
}

CONFORMANCE(ioctl) {
    const Descriptor file(open("text.txt", O_RDONLY)), null(open("/dev/null", O_RDWR)),
        directory(open("dir", O_RDONLY));
    const Descriptor datagrams(socket(AF_INET, SOCK_DGRAM, 0));
    int number = -1, on = 1, off = 0;
    winsize size;
    for (const auto& [name, fd] : {std::pair{"file", static_cast<int>(file)},
                                   {"null", static_cast<int>(null)},
                                   {"directory", static_cast<int>(directory)},
                                   {"socket", static_cast<int>(datagrams)},
                                   {"nothing", -1}}) {
        const std::string of = name;
        CALL("TIOCGWINSZ of a " + of, ioctl(fd, TIOCGWINSZ, &size));
        CALL("wrong request of a " + of, ioctl(fd, 0x7777, &number));
        CALL("FIONBIO without a value of a " + of, ioctl(fd, FIONBIO, nullptr));
        CALL("FIONBIO of a " + of, ioctl(fd, FIONBIO, &on));
        report("is set for a " + of, fd >= 0 ? flags_of(fd) : "");
        CALL("FIONBIO off of a " + of, ioctl(fd, FIONBIO, &off));
        CALL("FIOCLEX of a " + of, ioctl(fd, FIOCLEX));
        CALL("F_GETFD of a " + of, fcntl(fd, F_GETFD));
        CALL("FIONCLEX of a " + of, ioctl(fd, FIONCLEX));
        CALL("F_GETFD again of a " + of, fcntl(fd, F_GETFD));
    }
    CALL("FIONREAD of a file", ioctl(file, FIONREAD, &number));
    VALUE("gives", number);
    lseek(file, 5, SEEK_SET);
    CALL("FIONREAD of its rest", ioctl(file, FIONREAD, &number));
    VALUE("gives the rest", number);
    CALL("FIONREAD of a socket", ioctl(datagrams, FIONREAD, &number));
    VALUE("gives nothing", number);
    CALL("FIONREAD of a file, without a place", ioctl(file, FIONREAD, nullptr));
    CALL("FIONREAD of a socket, without a place", ioctl(datagrams, FIONREAD, nullptr));
    CALL("TIOCOUTQ of a socket, without a place", ioctl(datagrams, TIOCOUTQ, nullptr));
    CALL("TIOCGWINSZ of a file, without a place", ioctl(file, TIOCGWINSZ, nullptr));
    CALL("FIONREAD of null", ioctl(null, FIONREAD, &number));
    CALL("FIONREAD of a directory", ioctl(directory, FIONREAD, &number));
    CALL("isatty of a file", isatty(file));
    CALL("isatty of nothing", isatty(-1));
    CALL("isatty of a socket", isatty(datagrams));
}

CONFORMANCE(polling) {
    const Descriptor file(open("text.txt", O_RDONLY)), null(open("/dev/null", O_RDWR)),
        directory(open("dir", O_RDONLY));
    const Descriptor datagrams(socket(AF_INET, SOCK_DGRAM, 0));
    pollfd polled[] = {
        {file, POLLIN | POLLOUT, 0}, {null, POLLIN | POLLOUT, 0},      {-1, POLLIN, 0}, {1000, POLLIN, 0},
        {directory, POLLIN, 0},      {datagrams, POLLIN | POLLOUT, 0}, {file, 0, 0},    {1000, 0, 0}};
    CALL("poll", poll(polled, std::size(polled), -1));
    for (const pollfd& each : polled) VALUE("revents", each.revents);
    CALL("poll of the other bands", poll_one(file, POLLRDNORM | POLLWRNORM | POLLPRI, 0));
    CALL("poll of none", poll(nullptr, 0, 0));
    CALL("poll of none, a while", poll(nullptr, 0, 2));
    CALL("poll of what does not come", poll_one(datagrams, POLLIN, 2));
    const timespec while_ = {0, 2'000'000}, wrong = {0, 1'000'000'000};
    pollfd one = {datagrams, POLLIN, 0};
    CALL("ppoll", ppoll(&one, 1, &while_, nullptr));
    CALL("ppoll with a wrong time", ppoll(nullptr, 0, &wrong, nullptr));
    fd_set reading, writing, exceptions;
    const auto fill = [&] {
        for (fd_set* set : {&reading, &writing, &exceptions}) {
            FD_ZERO(set);
            for (const int fd : {static_cast<int>(file), static_cast<int>(null), static_cast<int>(datagrams)})
                FD_SET(fd, set);
        }
    };
    fill();
    timeval none = {0, 0}, bad = {0, -1}, bad_seconds = {-1, 0};
    CALL("select", select(datagrams + 1, &reading, &writing, &exceptions, &none));
    for (const int fd : {static_cast<int>(file), static_cast<int>(null), static_cast<int>(datagrams)}) {
        VALUE("readable", FD_ISSET(fd, &reading) != 0);
        VALUE("writable", FD_ISSET(fd, &writing) != 0);
        VALUE("exceptional", FD_ISSET(fd, &exceptions) != 0);
    }
    fill();
    FD_SET(1000, &reading);
    CALL("select of a wrong descriptor", select(1001, &reading, nullptr, nullptr, &none));
    VALUE("leaves the sets", FD_ISSET(static_cast<int>(datagrams), &reading) != 0);
    CALL("select below zero", select(-1, nullptr, nullptr, nullptr, &none));
    CALL("select with a wrong time", select(0, nullptr, nullptr, nullptr, &bad));
    CALL("select with a time below zero", select(0, nullptr, nullptr, nullptr, &bad_seconds));
    CALL("pselect with a wrong time", pselect(0, nullptr, nullptr, nullptr, &wrong, nullptr));
    CALL("pselect", pselect(0, nullptr, nullptr, nullptr, &while_, nullptr));
}
