// SPDX-License-Identifier: Apache-2.0
// A pipe as the peer of the code under test.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "hv/core/file_descriptor.h"
#include "tests/unit/hv/device_fixture.h"

namespace hv::test {

struct Pipe {
    FileDescriptor out, in;
    Pipe() {
        int fds[2];
        REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
        out = FileDescriptor(fds[0]);
        in = FileDescriptor(fds[1]);
    }
    /// Its contents now.
    std::string drain() {
        std::string text;
        char buffer[4096];
        fcntl(out.get(), F_SETFL, O_NONBLOCK);
        for (ssize_t size; (size = read(out.get(), buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(size));
        return text;
    }
};

}  // namespace hv::test
