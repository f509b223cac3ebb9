// SPDX-License-Identifier: Apache-2.0
// Limits of resources, and the nice value: kept and told.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "kernel/trap/spin_lock.h"
#include "userland/posix/descriptors.h"

namespace tenon::posix {

namespace {

constexpr rlim_t unlimited = ~rlim_t{0};
using Limits = std::array<rlimit, RLIM_NLIMITS>;

constexpr Limits first_limits() {
    Limits limits;
    limits.fill({unlimited, unlimited});
    limits[RLIMIT_CORE] = {0, unlimited};
    limits[RLIMIT_NOFILE] = {descriptor_limit, descriptor_limit};
    limits[RLIMIT_NICE] = limits[RLIMIT_RTPRIO] = {0, 0};
    return limits;
}
constinit Locked<Limits> limits("resource limits", first_limits());
constinit std::atomic<int> nice_value = 0;

Outcome<> exchange_limit(pid_t process, int resource, const rlimit* fresh, rlimit* old) {
    if (resource < 0 || resource >= RLIM_NLIMITS) return fail_with(EINVAL);
    if (process != 0 && process != getpid()) return fail_with(ESRCH);
    if (fresh != nullptr && fresh->rlim_cur > fresh->rlim_max) return fail_with(EINVAL);
    if (fresh != nullptr && resource == RLIMIT_NOFILE && fresh->rlim_max > descriptor_limit) return fail_with(EPERM);
    const rlimit before = limits.with([=](Limits& all) {
        rlimit& current = all[static_cast<std::size_t>(resource)];
        return fresh != nullptr ? std::exchange(current, *fresh) : current;
    });
    if (old != nullptr) *old = before;
    return {};
}

/// The one process, its group, or the user.
Outcome<> check_target(int which, id_t who) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return fail_with(EINVAL);
    const id_t own = which == PRIO_USER ? static_cast<id_t>(getuid()) : static_cast<id_t>(getpid());
    if (who != 0 && who != own) return fail_with(ESRCH);
    return {};
}

void set_nice(int value) { nice_value = std::clamp(value, -20, 19); }

Outcome<int> get_priority(int which, id_t who) {
    CHECK(check_target(which, who));
    return nice_value.load();
}

Outcome<> set_priority(int which, id_t who, int value) {
    CHECK(check_target(which, who));
    set_nice(value);
    return {};
}

}  // namespace

extern "C" {

int getrlimit(int resource, rlimit* limit) {
    if (limit == nullptr) return answer<int>(fail_with(EFAULT));
    return answer(exchange_limit(0, resource, nullptr, limit));
}
int setrlimit(int resource, const rlimit* limit) {
    if (limit == nullptr) return answer<int>(fail_with(EFAULT));
    return answer(exchange_limit(0, resource, limit, nullptr));
}
int prlimit(pid_t process, int resource, const rlimit* limit, rlimit* old) {
    return answer(exchange_limit(process, resource, limit, old));
}
int getpriority(int which, id_t who) { return answer(get_priority(which, who)); }
int setpriority(int which, id_t who, int value) { return answer(set_priority(which, who, value)); }
int nice(int change) {
    set_nice(nice_value + std::clamp(change, -40, 40));
    return nice_value;
}

}  // extern "C"

}  // namespace tenon::posix
