// SPDX-License-Identifier: Apache-2.0
// Standard streams that are missing.
#include "hv/core/standard_streams.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

namespace hv {

bool open_missing_standard_streams() {
    // open() gives the lowest number that is free: in this order, it is the one that is missing.
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) != stream) return false;
    return true;
}

void ignore_file_size_signal() { signal(SIGXFSZ, SIG_IGN); }

}  // namespace hv
