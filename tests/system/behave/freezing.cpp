// SPDX-License-Identifier: Apache-2.0
// A program that can be frozen, or refuses, or is late.
#include "freezing.h"

#include <tenon/lifecycle.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

int freeze_well(void*) {
    std::puts("frozen");
    return 0;
}
int refuse(void*) { return EBUSY; }
int freeze_late(void*) {
    sleep(2);
    std::puts("frozen late");
    return 0;
}
void thaw(void*) { std::puts("thawed"); }

}  // namespace

void be_frozen(std::string_view how) {
    const tenon_freeze_handlers handlers{.freeze = how == "refuses" ? refuse
                                                   : how == "late"  ? freeze_late
                                                                    : freeze_well,
                                         .thaw = thaw,
                                         .context = nullptr,
                                         .limit_ms = how == "late" ? 200u : 5000u};
    const tenon_freeze_handlers without{};
    if (tenon_set_freeze_handlers(&without) != EINVAL || tenon_set_freeze_handlers(&handlers) != 0 ||
        tenon_set_freeze_handlers(&handlers) != EBUSY)
        std::abort();
    tenon_ready();
    for (;;) pause();
}
