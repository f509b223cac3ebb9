// SPDX-License-Identifier: Apache-2.0
// Functions that run at exit(): those of atexit and on_exit and destructors of static objects, in one list. Newlib's
// own runs them under a lock, so that a thread that constructs a static object meanwhile would block for ever.
#include "userland/libc/exit_functions.h"

using namespace tenon::libc;

namespace {
constinit ExitFunctions functions;
}

extern "C" {

/// Newlib's atexit, on_exit and __cxa_atexit call it. The last argument names a shared object, of which there are none.
int __register_exitproc(int kind, void (*function)(), void* argument, void*) {
    return functions.push({static_cast<ExitFunction::Kind>(kind), function, argument}) ? 0 : -1;
}

void __call_exitprocs(int code, void*) { functions.run_all(code); }

}  // extern "C"
