// SPDX-License-Identifier: Apache-2.0
#include "hv/machine/run_directory.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <vector>

#include "hv/machine/machine_life.h"
#include "hv/machine/run_lock.h"
#include "tests/unit/hv/temporary_directory.h"

using hv::MachineLife;
using hv::RunDirectory;

namespace {

/// A run directory, checked.
class Base {
public:
    const hv::RunBase& operator*() const { return *base_; }
    [[nodiscard]] const std::string& path() const { return directory_.path(); }

private:
    test::TemporaryDirectory directory_;
    hv::Result<hv::RunBase> base_ = hv::RunBase::open(directory_.path());
};

}  // namespace

TEST_CASE("the variable HV_RUN_DIR goes before the user's default, unless it is empty", "[rundir]") {
    unsetenv(hv::run_directory_variable);
    const std::string usual = hv::default_run_base();
    CHECK_FALSE(usual.empty());
    setenv(hv::run_directory_variable, "/somewhere/else", 1);
    CHECK(hv::default_run_base() == "/somewhere/else");
    setenv(hv::run_directory_variable, "", 1);
    CHECK(hv::default_run_base() == usual);
    unsetenv(hv::run_directory_variable);
}

TEST_CASE("a directory goes with its machine, or is kept with its exit code", "[rundir]") {
    const Base base;
    {
        auto directory = RunDirectory::create(*base, "a");
        REQUIRE(directory);
        CHECK(hv::machine_life(*base, "a") == MachineLife::alive);
        CHECK(RunDirectory::create(*base, "a").error().kind == hv::ErrorKind::in_use);
        directory->end(7, true);
    }
    CHECK(hv::machine_life(*base, "a") == MachineLife::ended);
    CHECK(RunDirectory::create(*base, "a").error().message.find("hv rm a") != std::string::npos);
    auto end = hv::MachineEnd::of(*base, "a");
    REQUIRE(end);
    CHECK(end->wait(0));
    CHECK(end->exit_code() == 7);
    CHECK(hv::remove_ended_machine(*base, "a"));
    CHECK(hv::machine_life(*base, "a") == MachineLife::absent);
    CHECK(hv::remove_ended_machine(*base, "a").error().kind == hv::ErrorKind::not_found);
    CHECK(hv::machine_names(*base).empty());
}

TEST_CASE("a kept machine's directory is opened again with its files, for its next start", "[rundir]") {
    const Base base;
    {
        auto directory = RunDirectory::create(*base, "a");
        REQUIRE(directory);
        REQUIRE(directory->write("console.log", "text"));
        CHECK(RunDirectory::reopen(*base, "a").error().kind == hv::ErrorKind::in_use);
        CHECK(hv::kept_bytes(*base, "a") == 0);
        directory->end(3, true);
    }
    CHECK(hv::kept_bytes(*base, "a") > 0);
    {
        auto again = RunDirectory::reopen(*base, "a");
        REQUIRE(again);
        CHECK(hv::machine_life(*base, "a") == MachineLife::alive);
        CHECK(RunDirectory::reopen(*base, "a").error().kind == hv::ErrorKind::in_use);
        CHECK(std::filesystem::exists(again->path_of("console.log")));
        again->end(4, true);
    }
    CHECK(hv::MachineEnd::of(*base, "a")->exit_code() == 4);
    // A start that dies without a word leaves nothing, as any machine.
    REQUIRE(RunDirectory::reopen(*base, "a"));
    CHECK(hv::machine_life(*base, "a") == MachineLife::absent);
    for (const char* name : {"a", "nobody", "../a", ""})
        CHECK(RunDirectory::reopen(*base, name).error().kind == hv::ErrorKind::not_found);
}

TEST_CASE("a kept machine that is not started again ends as before", "[rundir]") {
    const Base base;
    RunDirectory::create(*base, "a")->end(4, true);
    RunDirectory::reopen(*base, "a")->end_as_before();
    CHECK(hv::machine_life(*base, "a") == MachineLife::ended);
    CHECK(hv::MachineEnd::of(*base, "a")->exit_code() == 4);
}

TEST_CASE("the process that has a machine's lock is known as long as it has it", "[rundir]") {
    const Base base;
    auto directory = RunDirectory::create(*base, "a");
    REQUIRE(directory);
    auto end = hv::MachineEnd::of(*base, "a");
    REQUIRE(end);
    CHECK(end->owner() == getpid());
    directory->end(0, true);
    { const RunDirectory gone = std::move(*directory); }
    CHECK(end->owner() == 0);
}

TEST_CASE("who waits reads the exit code of a machine that keeps nothing", "[rundir]") {
    const Base base;
    auto directory = RunDirectory::create(*base, "a");
    auto end = hv::MachineEnd::of(*base, "a");
    REQUIRE(end);
    CHECK_FALSE(end->wait(0));
    CHECK_FALSE(end->exit_code());
    {
        RunDirectory last = std::move(*directory);
        last.end(3, false);
    }
    CHECK(end->wait(0));
    CHECK(end->exit_code() == 3);
    CHECK(hv::machine_names(*base).empty());
}

TEST_CASE("a dead machine's directory is removed by whoever looks, and its name can be taken", "[rundir]") {
    const Base base;
    const pid_t child = fork();
    if (child == 0) {
        const auto directory = RunDirectory::create(*base, "dead");
        _exit(directory ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(status == 0);
    REQUIRE(hv::machine_names(*base) == std::vector<std::string>{"dead"});
    CHECK(hv::machine_life(*base, "dead") == MachineLife::absent);
    CHECK(hv::machine_names(*base).empty());
    CHECK(RunDirectory::create(*base, "dead"));
}

TEST_CASE("an ended machine that runs is not removed, and odd names are no machines", "[rundir]") {
    const Base base;
    const auto directory = RunDirectory::create(*base, "a");
    CHECK(hv::remove_ended_machine(*base, "a").error().kind == hv::ErrorKind::in_use);
    for (const char* name : {"", "..", ".images", "a/b", "../a"}) {
        CHECK(hv::machine_life(*base, name) == MachineLife::absent);
        CHECK(hv::MachineEnd::of(*base, name).error().kind == hv::ErrorKind::not_found);
    }
}

namespace {

/// Everything below a directory: names, kinds, modes, and contents.
std::string picture_of(const std::string& path) {
    std::vector<std::string> lines;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        struct stat about {};
        REQUIRE(lstat(entry.path().c_str(), &about) == 0);
        std::string line = entry.path().string() + " " + std::to_string(about.st_mode) + " " +
                           std::to_string(about.st_ino) + " " + std::to_string(about.st_uid);
        if (S_ISREG(about.st_mode)) {
            std::ifstream file(entry.path());
            line += " " + std::string(std::istreambuf_iterator<char>(file), {});
        }
        lines.push_back(std::move(line));
    }
    std::ranges::sort(lines);
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
}

void put(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    REQUIRE(std::filesystem::exists(path));
}

}  // namespace

TEST_CASE("what hv did not mark is no machine, and stays as it is", "[rundir]") {
    const Base base;
    const test::TemporaryDirectory outside;
    const std::string mark(hv::machine_mark), at = base.path() + "/";
    const auto directory = [&](const char* name, mode_t mode) {
        REQUIRE(mkdir((at + name).c_str(), 0700) == 0);
        REQUIRE(chmod((at + name).c_str(), mode) == 0);
        return at + name + "/";
    };
    put(outside.path() + "/lock", mark);
    put(outside.path() + "/console.log", "precious");
    REQUIRE(chmod(outside.path().c_str(), 01700) == 0);

    put(at + "file", "precious");
    directory("empty", 0700);
    put(directory("locked", 0700) + "lock", "");
    put(directory("marked-lock", 0700) + "lock", mark);
    put(directory("open-to-others", 01755) + "lock", mark);
    put(directory("other-lock", 01700) + "lock", "apt's");
    REQUIRE(symlink(outside.path().c_str(), (at + "link").c_str()) == 0);
    REQUIRE(symlink("nowhere", (at + "dangling").c_str()) == 0);
    REQUIRE(symlink((outside.path() + "/lock").c_str(), (directory("linked-lock", 01700) + "lock").c_str()) == 0);
    REQUIRE(mkfifo((directory("fifo-lock", 01700) + "lock").c_str(), 0600) == 0);
    REQUIRE(mkfifo((at + "fifo").c_str(), 0600) == 0);
    directory("directory-lock", 01700);
    directory("directory-lock/lock", 0700);
    directory("nested", 0700);
    put(directory("nested/inner", 0700) + "lock", mark);
    std::vector<std::string> names = {"file",       "empty",          "locked",   "marked-lock", "open-to-others",
                                      "other-lock", "link",           "dangling", "linked-lock", "fifo-lock",
                                      "fifo",       "directory-lock", "nested"};
    if (geteuid() == 0) {
        put(directory("foreign", 01700) + "lock", mark);
        REQUIRE(chown((at + "foreign").c_str(), 65534, 65534) == 0);
        put(directory("foreign-lock", 01700) + "lock", mark);
        REQUIRE(chown((at + "foreign-lock/lock").c_str(), 65534, 65534) == 0);
        if (mknod((directory("device-lock", 01700) + "lock").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0)
            names.push_back("device-lock");
        names.insert(names.end(), {"foreign", "foreign-lock"});
    }

    const std::string before = picture_of(base.path()), before_outside = picture_of(outside.path());
    for (const std::string& name : names) {
        INFO(name);
        CHECK(hv::machine_life(*base, name) == MachineLife::absent);
        CHECK(hv::MachineEnd::of(*base, name).error().kind == hv::ErrorKind::not_found);
        CHECK(hv::remove_ended_machine(*base, name).error().kind == hv::ErrorKind::not_found);
        const auto taken = RunDirectory::create(*base, name);
        REQUIRE_FALSE(taken);
        CHECK(taken.error().kind == hv::ErrorKind::in_use);
        CHECK(taken.error().message.find("is not a machine's directory") != std::string::npos);
    }
    hv::remove_dead_machines(*base);
    CHECK(picture_of(base.path()) == before);
    CHECK(picture_of(outside.path()) == before_outside);
}

TEST_CASE("of a dead machine's directory only what hv writes there is removed", "[rundir]") {
    const Base base;
    const std::string at = base.path() + "/dead/";
    {
        auto directory = RunDirectory::create(*base, "dead");
        REQUIRE(directory);
        for (const char* name :
             {"console.log", "console.log.1", "record.json", "record.json.new", "config.json", "crash.txt", "cgroups"})
            put(at + name, "x");
        put(at + "thesis.tex", "precious");
        put(at + "lock.1.new", "precious");
        REQUIRE(mkdir((at + "photos").c_str(), 0700) == 0);
        directory->leave_to_other_process();
    }
    CHECK(hv::machine_life(*base, "dead") == MachineLife::absent);
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(at)) left.push_back(entry.path().filename());
    std::ranges::sort(left);
    CHECK(left == std::vector<std::string>{"lock.1.new", "photos", "thesis.tex"});
    // The name is free, and files that are not hv's survive the next machine too.
    { CHECK(RunDirectory::create(*base, "dead")); }
    CHECK(std::filesystem::exists(at + "thesis.tex"));
}

TEST_CASE("what a killed hv left half made or half removed is taken and removed", "[rundir]") {
    const Base base;
    const auto leave = [&](bool lock) {
        REQUIRE(mkdir((base.path() + "/half").c_str(), 01700) == 0);
        if (lock) put(base.path() + "/half/lock", "");
    };
    for (const bool lock : {false, true}) {
        leave(lock);
        CHECK(hv::machine_life(*base, "half") == MachineLife::absent);
        CHECK_FALSE(std::filesystem::exists(base.path() + "/half"));
        leave(lock);
        CHECK(RunDirectory::create(*base, "half"));
        CHECK_FALSE(std::filesystem::exists(base.path() + "/half"));
    }
}

TEST_CASE("a run directory that others could exchange is refused before it is touched", "[rundir]") {
    const test::TemporaryDirectory scratch;
    const std::string at = scratch.path() + "/";
    const auto refused = [](const std::string& path, const char* part) {
        INFO(path);
        for (const auto& base : {hv::RunBase::open(path), hv::RunBase::prepare(path)}) {
            REQUIRE_FALSE(base);
            CHECK(base.error().message.find(part) != std::string::npos);
        }
    };
    const auto make = [&](const std::string& name, mode_t mode) {
        REQUIRE(mkdir((at + name).c_str(), 0700) == 0);
        REQUIRE(chmod((at + name).c_str(), mode) == 0);
    };
    make("good", 0700);
    CHECK(hv::RunBase::open(at + "good")->exists());
    CHECK(hv::RunBase::open(at + "good/../good/.//")->exists());
    CHECK_FALSE(hv::RunBase::open(at + "missing")->exists());
    CHECK_FALSE(hv::RunBase::open(at + "missing/too")->exists());
    CHECK(hv::RunBase::prepare(at + "missing/too").error().kind == hv::ErrorKind::not_found);
    CHECK(hv::RunBase::prepare(at + "made")->exists());

    put(at + "file", "");
    refused(at + "file", "Not a directory");
    refused(at + "file/below", "Not a directory");
    make("readable", 0755);
    refused(at + "readable", "not a directory of this user alone");
    REQUIRE(symlink("good", (at + "link").c_str()) == 0);
    refused(at + "link", "not a directory of this user alone");
    REQUIRE(symlink("loop", (at + "loop").c_str()) == 0);
    refused(at + "loop/x", "Too many levels");
    make("open", 0777);
    make("open/base", 0700);
    refused(at + "open/base", "other users can write to");
    make("sticky", 01777);
    make("sticky/base", 0700);
    CHECK(hv::RunBase::open(at + "sticky/base")->exists());
    // The user's own symbolic link within the path is allowed.
    REQUIRE(symlink("sticky", (at + "way").c_str()) == 0);
    CHECK(hv::RunBase::open(at + "way/base")->exists());
    if (geteuid() != 0) return;
    make("foreign", 0700);
    REQUIRE(chown((at + "foreign").c_str(), 65534, 65534) == 0);
    refused(at + "foreign", "not a directory of this user alone");
    make("foreign/base", 0700);
    refused(at + "foreign/base", "belongs to another user");
    REQUIRE(symlink("base", (at + "sticky/link").c_str()) == 0);
    REQUIRE(lchown((at + "sticky/link").c_str(), 65534, 65534) == 0);
    refused(at + "sticky/link/x", "symbolic link of another user");
}
