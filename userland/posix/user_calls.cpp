// SPDX-License-Identifier: Apache-2.0
// Users by name and number: those of the image's /etc/passwd, or root and nobody.
#include <pwd.h>
#include <unistd.h>

#include <cstring>

#include "userland/posix/user_records.h"

namespace tenon::posix {

namespace {

constexpr const char* path = "/etc/passwd";
constexpr std::string_view known =
    "root:x:0:0:root:/:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

/// Error: ERANGE (the buffer is too small).
Outcome<> fill(std::string_view line, passwd& user, StringRoom room) {
    user.pw_uid = static_cast<uid_t>(number_of(field(line, 2)));
    user.pw_gid = static_cast<gid_t>(number_of(field(line, 3)));
    user.pw_name = room.put(field(line, 0));
    user.pw_passwd = room.put(field(line, 1));
    user.pw_gecos = user.pw_comment = room.put(field(line, 4));
    user.pw_dir = room.put(field(line, 5));
    user.pw_shell = room.put(field(line, 6));
    if (user.pw_shell == nullptr || user.pw_dir == nullptr || user.pw_gecos == nullptr) return fail_with(ERANGE);
    return {};
}

/// The first user for which matches(line) holds; null if there is none. Returns 0 or an errno.
template <typename Matches>
int find(Matches&& matches, passwd* user, char* buffer, std::size_t size, passwd** result) {
    const RecordFile users(path, known);
    *result = nullptr;
    std::string_view line;
    for (std::size_t place = 0; users.next_line(place, line);) {
        if (!matches(line)) continue;
        const auto filled = fill(line, *user, StringRoom(buffer, size));
        if (!filled) return filled.error().code;
        *result = user;
        break;
    }
    return 0;
}

/// What the calls without a buffer of the caller's return. As everywhere they are not for several threads.
struct Shared {
    passwd user;
    char text[1024];
    std::size_t place;
};
constinit Shared shared = {};

passwd* answer_shared(int code, passwd* found) {
    if (code != 0) errno = code;
    return found;
}

}  // namespace

extern "C" {

int getpwnam_r(const char* name, passwd* user, char* buffer, size_t size, passwd** result) {
    return find([=](std::string_view line) { return field(line, 0) == name; }, user, buffer, size, result);
}
int getpwuid_r(uid_t id, passwd* user, char* buffer, size_t size, passwd** result) {
    return find([=](std::string_view line) { return number_of(field(line, 2)) == id; }, user, buffer, size, result);
}
passwd* getpwnam(const char* name) {
    passwd* found = nullptr;
    const int code = getpwnam_r(name, &shared.user, shared.text, sizeof(shared.text), &found);
    return answer_shared(code, found);
}
passwd* getpwuid(uid_t id) {
    passwd* found = nullptr;
    const int code = getpwuid_r(id, &shared.user, shared.text, sizeof(shared.text), &found);
    return answer_shared(code, found);
}
void setpwent() { shared.place = 0; }
void endpwent() { shared.place = 0; }
passwd* getpwent() {
    const RecordFile users(path, known);
    std::string_view line;
    if (!users.next_line(shared.place, line)) return nullptr;
    const auto filled = fill(line, shared.user, StringRoom(shared.text, sizeof(shared.text)));
    return filled ? &shared.user : answer_shared(filled.error().code, nullptr);
}

/// Who the process is.
int getlogin_r(char* name, size_t size) {
    passwd user, *found = nullptr;
    char text[1024];
    if (const int code = getpwuid_r(getuid(), &user, text, sizeof(text), &found); code != 0) return code;
    if (found == nullptr) return ENOENT;
    if (StringRoom(name, size).put(user.pw_name) == nullptr) return ERANGE;
    return 0;
}
char* getlogin() {
    static char name[64];
    const int code = getlogin_r(name, sizeof(name));
    if (code == 0) return name;
    errno = code;
    return nullptr;
}

}  // extern "C"

}  // namespace tenon::posix
