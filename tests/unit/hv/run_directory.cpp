// SPDX-License-Identifier: Apache-2.0
#include "hv/machine/run_directory.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "hv/machine/machine_life.h"
#include "tests/unit/hv/temporary_directory.h"

using hv::MachineLife;
using hv::RunDirectory;

TEST_CASE("a directory goes with its machine, or is kept with its exit code", "[rundir]") {
    const test::TemporaryDirectory base;
    {
        auto directory = RunDirectory::create(base.path(), "a");
        REQUIRE(directory);
        CHECK(hv::machine_life(base.path(), "a") == MachineLife::alive);
        CHECK(RunDirectory::create(base.path(), "a").error().kind == hv::ErrorKind::in_use);
        directory->end(7, true);
    }
    CHECK(hv::machine_life(base.path(), "a") == MachineLife::ended);
    CHECK(RunDirectory::create(base.path(), "a").error().message.find("hv rm a") != std::string::npos);
    auto end = hv::MachineEnd::of(base.path(), "a");
    REQUIRE(end);
    CHECK(end->wait(0));
    CHECK(end->exit_code() == 7);
    CHECK(hv::remove_ended_machine(base.path(), "a"));
    CHECK(hv::machine_life(base.path(), "a") == MachineLife::absent);
    CHECK(hv::remove_ended_machine(base.path(), "a").error().kind == hv::ErrorKind::not_found);
    CHECK(hv::machine_names(base.path()).empty());
}

TEST_CASE("who waits reads the exit code of a machine that keeps nothing", "[rundir]") {
    const test::TemporaryDirectory base;
    auto directory = RunDirectory::create(base.path(), "a");
    auto end = hv::MachineEnd::of(base.path(), "a");
    REQUIRE(end);
    CHECK_FALSE(end->wait(0));
    CHECK_FALSE(end->exit_code());
    {
        RunDirectory last = std::move(*directory);
        last.end(3, false);
    }
    CHECK(end->wait(0));
    CHECK(end->exit_code() == 3);
    CHECK(hv::machine_names(base.path()).empty());
}

TEST_CASE("a dead machine's directory is removed by whoever looks, and its name can be taken", "[rundir]") {
    const test::TemporaryDirectory base;
    const pid_t child = fork();
    if (child == 0) {
        const auto directory = RunDirectory::create(base.path(), "dead");
        _exit(directory ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(status == 0);
    REQUIRE(hv::machine_names(base.path()) == std::vector<std::string>{"dead"});
    CHECK(hv::machine_life(base.path(), "dead") == MachineLife::absent);
    CHECK(hv::machine_names(base.path()).empty());
    CHECK(RunDirectory::create(base.path(), "dead"));
}

TEST_CASE("an ended machine that runs is not removed, and odd names are no machines", "[rundir]") {
    const test::TemporaryDirectory base;
    const auto directory = RunDirectory::create(base.path(), "a");
    CHECK(hv::remove_ended_machine(base.path(), "a").error().kind == hv::ErrorKind::in_use);
    for (const char* name : {"", "..", ".images", "a/b", "../a"}) {
        CHECK(hv::machine_life(base.path(), name) == MachineLife::absent);
        CHECK(hv::MachineEnd::of(base.path(), name).error().kind == hv::ErrorKind::not_found);
    }
}
