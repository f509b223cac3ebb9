// SPDX-License-Identifier: Apache-2.0
// What a program asks for and the machine does not have.
#include "userland/posix/absence.h"

#include <array>
#include <cstring>

#include "kernel/console/console.h"
#include "kernel/trap/spin_lock.h"

namespace tenon::posix {

namespace {

struct Told {
    std::array<const char*, 64> functions{};
    std::size_t count = 0;

    /// False: it was noted before, or there is no room.
    bool note(const char* function) {
        for (std::size_t i = 0; i != count; ++i)
            if (std::strcmp(functions[i], function) == 0) return false;
        if (count == functions.size()) return false;
        functions[count++] = function;
        return true;
    }
};
constinit Locked<Told> told("absent functions");

}  // namespace

void tell_absent(const char* function) {
    if (told.with([=](Told& all) { return all.note(function); })) warn("posix: %s is not there", function);
}

}  // namespace tenon::posix
