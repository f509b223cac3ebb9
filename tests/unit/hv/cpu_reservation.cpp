// SPDX-License-Identifier: Apache-2.0
// The book of reserved CPU time, in run directories of the test's own.
#include "hv/machine/cpu_reservation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hv/machine/machine_files.h"
#include "hv/machine/run_directory.h"
#include "tests/unit/hv/temporary_directory.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>

using namespace hv;

namespace {

/// A run directory, and machines in it.
struct Host {
    test::TemporaryDirectory directory;
    Result<RunBase> base = RunBase::open(directory.path());

    [[nodiscard]] RunDirectory machine(const char* name) const {
        auto made = RunDirectory::create(*base, name);
        REQUIRE(made.has_value());
        return std::move(*made);
    }
    [[nodiscard]] bool grant(const char* name, std::uint32_t millicpus, std::size_t cpus = 2) const {
        return grant_cpu(*base, name, millicpus, cpus).has_value();
    }
    [[nodiscard]] std::string file(const char* name) const { return base->path_of(name) + "/" + cpu_reservation_file; }
};

}  // namespace

TEST_CASE("CPU reservations: the sum does not pass the host") {
    const Host host;
    const RunDirectory first = host.machine("first"), second = host.machine("second");
    CHECK(granted_cpu(first.path()) == 0);
    CHECK(host.grant("first", 1500));
    CHECK(granted_cpu(first.path()) == 1500);
    const auto refused = grant_cpu(*host.base, "second", 501, 2);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::no_memory);
    CHECK_THAT(refused.error().message, Catch::Contains("'second'") && Catch::Contains("reservation=0.501") &&
                                            Catch::Contains("host's 2 CPUs, 1.5 are reserved"));
    CHECK(granted_cpu(second.path()) == 0);
    CHECK(host.grant("second", 500));
    // A machine's own grant is replaced, not added to.
    CHECK(host.grant("first", 1500));
    CHECK_FALSE(host.grant("first", 1501));
    CHECK(granted_cpu(first.path()) == 1500);
    CHECK(host.grant("first", 0));
    CHECK(host.grant("second", 2000));
    CHECK_FALSE(host.grant("first", 1));
    // Nothing is always granted, even where others have more than the host (it lost a CPU).
    CHECK(host.grant("first", 0, 1));
}

TEST_CASE("CPU reservations: machines that are over do not count") {
    const Host host;
    const RunDirectory waiting = host.machine("waiting");
    {
        RunDirectory ended = host.machine("ended");
        REQUIRE(host.grant("ended", 2000));
        CHECK_FALSE(host.grant("waiting", 1));
        ended.end(0, true);
    }
    CHECK(std::filesystem::exists(host.file("ended")));
    CHECK(host.grant("waiting", 2000));
    CHECK(lower_granted_cpu(waiting.path(), 10).has_value());
    {
        RunDirectory killed = host.machine("killed");
        REQUIRE(host.grant("killed", 1500));
        killed.leave_to_other_process();
    }
    CHECK(host.grant("waiting", 2000));
}

TEST_CASE("CPU reservations: the file of a hostile machine is only a number, of bounded size") {
    const Host host;
    const RunDirectory hostile = host.machine("hostile"), other = host.machine("other");
    const std::string at = host.file("hostile");
    for (const char* text : {"", "x", "-1", "1.5", "\n", "1 2"}) {
        std::ofstream(at) << text;
        CHECK(granted_cpu(hostile.path()) == 0);
    }
    for (const char* text : {"4000000000", "99999999999999999999999999"}) {
        std::ofstream(at) << text;
        CHECK(granted_cpu(hostile.path()) == 32'000);
    }
    CHECK(host.grant("other", 1000, 33));
    // A link is neither read nor written through, and a pipe does not make anybody wait.
    const std::string precious = host.directory.path() + "/.precious";
    std::ofstream(precious) << "1000\n";
    std::filesystem::remove(at);
    std::filesystem::create_symlink(precious, at);
    CHECK(granted_cpu(hostile.path()) == 0);
    CHECK(host.grant("hostile", 500));
    CHECK(granted_cpu(hostile.path()) == 500);
    std::string line;
    std::getline(std::ifstream(precious) >> std::ws, line);
    CHECK(line == "1000");
    std::filesystem::remove(at);
    REQUIRE(mkfifo(at.c_str(), 0600) == 0);
    CHECK(granted_cpu(hostile.path()) == 0);
    std::filesystem::remove(at);
    std::filesystem::create_directory(at);
    CHECK(granted_cpu(hostile.path()) == 0);
    CHECK_FALSE(host.grant("hostile", 500));
    std::filesystem::remove(at);
}
