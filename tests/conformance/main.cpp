// SPDX-License-Identifier: Apache-2.0
// Runs the groups that the arguments name, or all. `--end WAY` ends the program in a way of endings.cpp.
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "check.h"
#include "endings.h"

namespace conformance {

namespace {

constinit Group* first = nullptr;
constinit Group** last = &first;
const char* group_name = "";

struct ErrorName {
    int code;
    const char* name;
};
#define ERROR(name) \
    ErrorName { name, #name }
constexpr ErrorName error_names[] = {
    {0, "0"},
    ERROR(EPERM),
    ERROR(ENOENT),
    ERROR(ESRCH),
    ERROR(EINTR),
    ERROR(EIO),
    ERROR(ENXIO),
    ERROR(E2BIG),
    ERROR(ENOEXEC),
    ERROR(EBADF),
    ERROR(ECHILD),
    ERROR(EAGAIN),
    ERROR(ENOMEM),
    ERROR(EACCES),
    ERROR(EFAULT),
    ERROR(EBUSY),
    ERROR(EEXIST),
    ERROR(EXDEV),
    ERROR(ENODEV),
    ERROR(ENOTDIR),
    ERROR(EISDIR),
    ERROR(EINVAL),
    ERROR(ENFILE),
    ERROR(EMFILE),
    ERROR(ENOTTY),
    ERROR(EFBIG),
    ERROR(ENOSPC),
    ERROR(ESPIPE),
    ERROR(EROFS),
    ERROR(EMLINK),
    ERROR(EPIPE),
    ERROR(EDOM),
    ERROR(ERANGE),
    ERROR(EDEADLK),
    ERROR(ENOLCK),
    ERROR(ENOSYS),
    ERROR(ENOTEMPTY),
    ERROR(ELOOP),
    ERROR(ENAMETOOLONG),
    ERROR(EOVERFLOW),
    ERROR(EILSEQ),
    ERROR(ENOTSUP),
    {EOPNOTSUPP, "ENOTSUP"},  // on Linux they are the same
    ERROR(ENOTSOCK),
    ERROR(EPROTOTYPE),
    ERROR(ENOPROTOOPT),
    ERROR(EPROTONOSUPPORT),
    ERROR(EAFNOSUPPORT),
    ERROR(ESOCKTNOSUPPORT),
    ERROR(ENOBUFS),
    ERROR(EADDRINUSE),
    ERROR(EADDRNOTAVAIL),
    ERROR(ENETUNREACH),
    ERROR(ECONNABORTED),
    ERROR(ECONNRESET),
    ERROR(EISCONN),
    ERROR(ENOTCONN),
    ERROR(ETIMEDOUT),
    ERROR(ECONNREFUSED),
    ERROR(EALREADY),
    ERROR(EINPROGRESS),
    ERROR(EDESTADDRREQ),
    ERROR(EMSGSIZE),
};
#undef ERROR

bool is_wanted(const char* name, int count, char** wanted) {
    for (int i = 0; i != count; ++i)
        if (std::strcmp(name, wanted[i]) == 0) return true;
    return count == 0;
}

}  // namespace

Registration::Registration(Group& group) {
    *last = &group;
    last = &group.next;
}

std::string error_name(int code) {
    for (const ErrorName& each : error_names)
        if (each.code == code) return each.name;
    return "errno " + std::to_string(code);
}

void report(std::string_view name, std::string_view result) {
    std::printf("%s.%.*s: %.*s\n", group_name, static_cast<int>(name.size()), name.data(),
                static_cast<int>(result.size()), result.data());
}

void report_call(std::string_view name, long long result, int code) {
    std::string text = std::to_string(result);
    if (code != 0) text += " " + error_name(code);
    report(name, text);
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace conformance

int main(int argc, char** argv) {
    using namespace conformance;
    if (argc == 3 && std::strcmp(argv[1], "--end") == 0) return end(argv[2]);
    for (const Group* group = first; group != nullptr; group = group->next) {
        if (!is_wanted(group->name, argc - 1, argv + 1)) continue;
        group_name = group->name;
        group->run();
    }
    std::printf("complete\n");
    return 0;
}
