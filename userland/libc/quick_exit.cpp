// SPDX-License-Identifier: Apache-2.0
// quick_exit(): an end without destructors. Newlib's own forgets the functions that a running one adds.
#include <stdlib.h>

#include "userland/libc/exit_functions.h"

using namespace tenon::libc;

namespace {
constinit ExitFunctions functions;
}

extern "C" {

int at_quick_exit(void (*function)()) {
    return functions.push({ExitFunction::Kind::at_exit, function, nullptr}) ? 0 : -1;
}

void quick_exit(int code) {
    functions.run_all(code);
    _Exit(code);
}

}  // extern "C"
