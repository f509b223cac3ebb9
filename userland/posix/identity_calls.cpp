// SPDX-License-Identifier: Apache-2.0
// The process's user and group numbers: kept and told, as of Linux's process of root. Nothing is permitted or refused
// by them but changing them.
#include <grp.h>
#include <unistd.h>

#include "kernel/trap/spin_lock.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

namespace {

/// -1 as a user or group number.
constexpr id_t keep = static_cast<uid_t>(-1);

struct Identity {
    id_t real = 0, effective = 0, saved = 0;

    [[nodiscard]] bool has(id_t id) const { return id == real || id == effective || id == saved; }
};

struct Identities {
    Identity user, group;
    [[nodiscard]] bool is_privileged() const { return user.effective == 0; }
};
constinit Locked<Identities> identities("identities");

using Kind = Identity Identities::*;

id_t told(Kind kind, id_t Identity::*which) {
    return identities.with([=](const Identities& all) { return all.*kind.*which; });
}

/// setuid(): the super-user sets all three. Errors: EINVAL, EPERM.
Outcome<> set_all(Kind kind, id_t id) {
    if (id == keep) return fail_with(EINVAL);
    return identities.with([=](Identities& all) -> Outcome<> {
        Identity& mine = all.*kind;
        if (all.is_privileged())
            mine = {id, id, id};
        else if (id == mine.real || id == mine.saved)
            mine.effective = id;
        else
            return fail_with(EPERM);
        return {};
    });
}

/// setresuid(); -1 leaves a number as it is. Error: EPERM.
Outcome<> set_each(Kind kind, id_t real, id_t effective, id_t saved) {
    return identities.with([=](Identities& all) -> Outcome<> {
        Identity& mine = all.*kind;
        for (const id_t id : {real, effective, saved})
            if (id != keep && !all.is_privileged() && !mine.has(id)) return fail_with(EPERM);
        if (real != keep) mine.real = real;
        if (effective != keep) mine.effective = effective;
        if (saved != keep) mine.saved = saved;
        return {};
    });
}

/// setreuid(): the saved number follows the effective one, if either was set (Linux).
Outcome<> set_two(Kind kind, id_t real, id_t effective) {
    const bool is_any_set = real != keep || effective != keep;
    CHECK(set_each(kind, real, effective, keep));
    if (is_any_set)
        identities.with([=](Identities& all) {
            Identity& mine = all.*kind;
            mine.saved = mine.effective;
        });
    return {};
}

Outcome<> check_privilege() {
    if (identities.with([](const Identities& all) { return all.is_privileged(); })) return {};
    return fail_with(EPERM);
}

template <typename Id>
int tell_three(Kind kind, Id* real, Id* effective, Id* saved) {
    const Identity mine = identities.with([=](const Identities& all) { return all.*kind; });
    *real = static_cast<Id>(mine.real);
    *effective = static_cast<Id>(mine.effective);
    *saved = static_cast<Id>(mine.saved);
    return 0;
}

constexpr Kind user = &Identities::user, group = &Identities::group;

}  // namespace

extern "C" {

int setresuid(uid_t real, uid_t effective, uid_t saved) { return answer(set_each(user, real, effective, saved)); }
int setresgid(gid_t real, gid_t effective, gid_t saved) { return answer(set_each(group, real, effective, saved)); }
int getresuid(uid_t* real, uid_t* effective, uid_t* saved) { return tell_three(user, real, effective, saved); }
int getresgid(gid_t* real, gid_t* effective, gid_t* saved) { return tell_three(group, real, effective, saved); }
uid_t getuid() { return static_cast<uid_t>(told(user, &Identity::real)); }
uid_t geteuid() { return static_cast<uid_t>(told(user, &Identity::effective)); }
gid_t getgid() { return static_cast<gid_t>(told(group, &Identity::real)); }
gid_t getegid() { return static_cast<gid_t>(told(group, &Identity::effective)); }
int setuid(uid_t id) { return answer(set_all(user, static_cast<id_t>(id))); }
int setgid(gid_t id) { return answer(set_all(group, static_cast<id_t>(id))); }
int seteuid(uid_t id) { return answer(set_each(user, keep, static_cast<id_t>(id), keep)); }
int setegid(gid_t id) { return answer(set_each(group, keep, static_cast<id_t>(id), keep)); }
int setreuid(uid_t real, uid_t effective) {
    return answer(set_two(user, static_cast<id_t>(real), static_cast<id_t>(effective)));
}
int setregid(gid_t real, gid_t effective) {
    return answer(set_two(group, static_cast<id_t>(real), static_cast<id_t>(effective)));
}
// There are no further groups to be in.
int getgroups(int, gid_t*) { return 0; }
int setgroups(int, const gid_t*) { return answer(check_privilege()); }
int initgroups(const char*, gid_t) { return answer(check_privilege()); }

}  // extern "C"

}  // namespace tenon::posix
