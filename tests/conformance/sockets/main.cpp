// SPDX-License-Identifier: Apache-2.0
// Behaviour of sockets, as a text that is the same on every system that behaves as Linux does. An argument names one
// subject.
#include "report.h"

namespace conformance {

const char* error_name(int error) {
    static const std::pair<int, const char*> names[] = {
        {EACCES, "EACCES"},
        {EADDRINUSE, "EADDRINUSE"},
        {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
        {EAFNOSUPPORT, "EAFNOSUPPORT"},
        {EAGAIN, "EAGAIN"},
        {EALREADY, "EALREADY"},
        {EBADF, "EBADF"},
        {ECONNABORTED, "ECONNABORTED"},
        {ECONNREFUSED, "ECONNREFUSED"},
        {ECONNRESET, "ECONNRESET"},
        {EDESTADDRREQ, "EDESTADDRREQ"},
        {EDOM, "EDOM"},
        {EFAULT, "EFAULT"},
        {EHOSTUNREACH, "EHOSTUNREACH"},
        {EINPROGRESS, "EINPROGRESS"},
        {EINTR, "EINTR"},
        {EINVAL, "EINVAL"},
        {EISCONN, "EISCONN"},
        {EMFILE, "EMFILE"},
        {EMSGSIZE, "EMSGSIZE"},
        {ENETUNREACH, "ENETUNREACH"},
        {ENOBUFS, "ENOBUFS"},
        {ENODEV, "ENODEV"},
        {ENOENT, "ENOENT"},
        {ENOPROTOOPT, "ENOPROTOOPT"},
        {ENOTCONN, "ENOTCONN"},
        {ENOTSOCK, "ENOTSOCK"},
        {ENOTTY, "ENOTTY"},
        {ENXIO, "ENXIO"},
        {EOPNOTSUPP, "EOPNOTSUPP"},
        {EPERM, "EPERM"},
        {EPIPE, "EPIPE"},
        {EPROTO, "EPROTO"},
        {EPROTONOSUPPORT, "EPROTONOSUPPORT"},
        {EPROTOTYPE, "EPROTOTYPE"},
        {ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT"},
        {ESPIPE, "ESPIPE"},
        {ETIMEDOUT, "ETIMEDOUT"},
        {ENOSPC, "ENOSPC"},
    };
    for (const auto& [number, name] : names)
        if (number == error) return name;
    static char text[16];
    std::snprintf(text, sizeof(text), "error %d", error);
    return text;
}

}  // namespace conformance

int main(int argc, char** argv) {
    using namespace conformance;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::pair<const char*, void (*)()> subjects[] = {
        {"creation", creation},
        {"binding", binding},
        {"connecting", connecting},
        {"listening", listening},
        {"streams", streams},
        {"endings", endings},
        {"datagrams", datagrams},
        {"errors", errors},
        {"options", options},
        {"messages", messages},
        {"interfaces", interfaces},
        {"texts", texts},
        {"interruptions", interruptions},
        {"waiting", waiting},
        {"flags", flags},
        {"details", details},
        {"names", names},
        {"groups", groups},
    };
    for (const auto& [name, run] : subjects) {
        if (argc > 1 && std::strcmp(argv[1], name) != 0) continue;
        subject = name;
        run();
    }
    std::puts("end");
}
