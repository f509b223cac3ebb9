// SPDX-License-Identifier: Apache-2.0
// The unit tests' main().
#define CATCH_CONFIG_RUNNER
#include <signal.h>

#include <catch2/catch.hpp>

int main(int argc, char** argv) {
    // A socket whose other end is closed is an error of write, as in hv.
    signal(SIGPIPE, SIG_IGN);
    return Catch::Session().run(argc, argv);
}
