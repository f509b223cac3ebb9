// SPDX-License-Identifier: Apache-2.0
#include "hv/core/standard_streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace {

/// In a process of its own with the streams of `closed` (a bit each) closed: 0 if afterwards each of them is /dev/null,
/// the others are as before, and the next descriptor has a higher number.
int outcome_without(unsigned closed) {
    struct stat null {
    }, before[3]{};
    if (stat("/dev/null", &null) != 0) return 1;
    for (int fd = 0; fd < 3; ++fd)
        if (fstat(fd, &before[fd]) != 0) return 2;
    for (int fd = 0; fd < 3; ++fd)
        if ((closed >> fd & 1) != 0) close(fd);
    if (!hv::open_missing_standard_streams()) return 3;
    for (int fd = 0; fd < 3; ++fd) {
        struct stat now {};
        if (fstat(fd, &now) != 0) return 4;
        const struct stat& wanted = (closed >> fd & 1) != 0 ? null : before[fd];
        if (now.st_ino != wanted.st_ino || now.st_dev != wanted.st_dev) return 5;
    }
    return open("/dev/null", O_RDONLY) > 2 ? 0 : 6;
}

}  // namespace

TEST_CASE("standard streams that are closed are opened, each with its number", "[streams]") {
    for (unsigned closed = 0; closed < 8; ++closed) {
        const pid_t child = fork();
        if (child == 0) _exit(outcome_without(closed));
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
}
