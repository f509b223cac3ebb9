// SPDX-License-Identifier: Apache-2.0
// SIGPIPE. A program that knows no signals does not contain raise(), and has EPIPE alone.
#pragma once

#include <signal.h>

extern "C" [[gnu::weak, gnu::noplt]] int raise(int number);

namespace tenon::posix {

inline void signal_broken_pipe() {
    if (&raise != nullptr) raise(SIGPIPE);
}

}  // namespace tenon::posix
