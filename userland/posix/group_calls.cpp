// SPDX-License-Identifier: Apache-2.0
// Groups by name and number: those of the image's /etc/group, or those of root and nobody.
#include <grp.h>

#include <algorithm>

#include "userland/posix/user_records.h"

namespace tenon::posix {

namespace {

constexpr const char* path = "/etc/group";
constexpr std::string_view known =
    "root:x:0:\n"
    "nogroup:x:65534:\n"
    "nobody:x:65534:\n";

/// Error: ERANGE (the buffer is too small).
Outcome<> fill(std::string_view line, group& group, StringRoom room) {
    std::string_view members = field(line, 3);
    const auto count = static_cast<std::size_t>(std::count(members.begin(), members.end(), ',')) + 1;
    group.gr_gid = static_cast<gid_t>(number_of(field(line, 2)));
    group.gr_mem = room.pointers(count + 1);
    group.gr_name = room.put(field(line, 0));
    group.gr_passwd = room.put(field(line, 1));
    if (group.gr_mem == nullptr || group.gr_name == nullptr || group.gr_passwd == nullptr) return fail_with(ERANGE);
    std::size_t used = 0;
    while (!members.empty()) {
        const std::size_t comma = members.find(',');
        char* const name = room.put(members.substr(0, comma));
        if (name == nullptr) return fail_with(ERANGE);
        group.gr_mem[used++] = name;
        members.remove_prefix(comma == members.npos ? members.size() : comma + 1);
    }
    group.gr_mem[used] = nullptr;
    return {};
}

/// The first group for which matches(line) holds; null if there is none. Returns 0 or an errno.
template <typename Matches>
int find(Matches&& matches, group* group, char* buffer, std::size_t size, struct group** result) {
    const RecordFile groups(path, known);
    *result = nullptr;
    std::string_view line;
    for (std::size_t place = 0; groups.next_line(place, line);) {
        if (!matches(line)) continue;
        const auto filled = fill(line, *group, StringRoom(buffer, size));
        if (!filled) return filled.error().code;
        *result = group;
        break;
    }
    return 0;
}

/// What the calls without a buffer of the caller's return. As everywhere they are not for several threads.
struct Shared {
    group found;
    char text[1024];
    std::size_t place;
};
constinit Shared shared = {};

group* answer_shared(int code, group* found) {
    if (code != 0) errno = code;
    return found;
}

}  // namespace

extern "C" {

int getgrnam_r(const char* name, group* group, char* buffer, size_t size, struct group** result) {
    return find([=](std::string_view line) { return field(line, 0) == name; }, group, buffer, size, result);
}
int getgrgid_r(gid_t id, group* group, char* buffer, size_t size, struct group** result) {
    return find([=](std::string_view line) { return number_of(field(line, 2)) == id; }, group, buffer, size, result);
}
group* getgrnam(const char* name) {
    group* found = nullptr;
    const int code = getgrnam_r(name, &shared.found, shared.text, sizeof(shared.text), &found);
    return answer_shared(code, found);
}
group* getgrgid(gid_t id) {
    group* found = nullptr;
    const int code = getgrgid_r(id, &shared.found, shared.text, sizeof(shared.text), &found);
    return answer_shared(code, found);
}
void setgrent() { shared.place = 0; }
void endgrent() { shared.place = 0; }
group* getgrent() {
    const RecordFile groups(path, known);
    std::string_view line;
    if (!groups.next_line(shared.place, line)) return nullptr;
    const auto filled = fill(line, shared.found, StringRoom(shared.text, sizeof(shared.text)));
    return filled ? &shared.found : answer_shared(filled.error().code, nullptr);
}

}  // extern "C"

}  // namespace tenon::posix
