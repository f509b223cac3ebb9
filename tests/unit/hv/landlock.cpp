// SPDX-License-Identifier: Apache-2.0
// What Landlock leaves a process, tried in a child; and dropped capabilities.
#include "hv/core/landlock.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "hv/core/capabilities.h"
#include "hv/core/file_descriptor.h"
#include "temporary_directory.h"

namespace {

/// What `work` returns in a child process.
int in_child(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) _exit(work());
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int error_of(long result) { return result < 0 ? errno : 0; }
int error_of_opening(const std::string& path, int flags) {
    return error_of(hv::FileDescriptor(open(path.c_str(), flags | O_CLOEXEC, 0600)).get());
}

constexpr int not_restricted = 255;

/// The error that `attempt` gets in a process restricted by `rules`.
int restricted(const std::vector<hv::FileRule>& rules, const std::function<int()>& attempt) {
    return in_child([&] { return hv::restrict_files(rules) ? attempt() : not_restricted; });
}

/// An abstract socket's address that no other test has.
sockaddr_un abstract_address() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "tenon-unit-" + std::to_string(getpid());
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    return address;
}

}  // namespace

TEST_CASE("Landlock: a machine's own directory may be worked in, the others' not", "[landlock]") {
    if (hv::landlock_version() == 0) {
        WARN("this host has no Landlock");
        return;
    }
    const test::TemporaryDirectory base;
    const std::string own = base.path() + "/own", other = base.path() + "/other", empty = base.path() + "/empty";
    for (const std::string& directory : {own, other, empty}) std::filesystem::create_directory(directory);
    for (const std::string& directory : {own, other}) std::ofstream(directory + "/file") << "text";
    const std::vector<hv::FileRule> rules = {{own, hv::FileUse::own_directory},
                                             {base.path(), hv::FileUse::remove_directories}};
    const auto error = [&rules](const std::function<int()>& attempt) { return restricted(rules, attempt); };

    CHECK(error([&] { return error_of_opening(own + "/file", O_RDWR | O_TRUNC); }) == 0);
    CHECK(error([&] { return error_of_opening(own + "/new", O_WRONLY | O_CREAT); }) == 0);
    CHECK(error([&] { return error_of(rename((own + "/new").c_str(), (own + "/file").c_str())); }) == 0);
    CHECK(error([&] { return error_of(mkdir((own + "/deeper").c_str(), 0700)); }) == EACCES);
    CHECK(error([&] { return error_of(symlink("/", (own + "/link").c_str())); }) == EACCES);
    CHECK(error([&] { return error_of_opening(other + "/file", O_RDONLY); }) == EACCES);
    CHECK(error([&] { return error_of_opening(other + "/file", O_WRONLY); }) == EACCES);
    CHECK(error([&] { return error_of_opening(base.path() + "/new", O_WRONLY | O_CREAT); }) == EACCES);
    CHECK(error([&] { return error_of(unlink((other + "/file").c_str())); }) == EACCES);
    CHECK(error([&] { return error_of(rename((own + "/file").c_str(), (other + "/file").c_str())); }) == EACCES);
    CHECK(error([&] { return error_of(unlink((own + "/file").c_str())); }) == 0);
    CHECK(error([&] { return error_of(rmdir(empty.c_str())); }) == 0);
    CHECK(error([] { return error_of_opening("/etc/passwd", O_RDONLY); }) == EACCES);
}

TEST_CASE("Landlock: what is open stays usable, and a rule for what is not there is an error", "[landlock]") {
    if (hv::landlock_version() == 0) {
        WARN("this host has no Landlock");
        return;
    }
    const test::TemporaryDirectory base;
    const std::string path = base.path() + "/log";
    const hv::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    CHECK(restricted({}, [&] { return error_of(write(file.get(), "x", 1)); }) == 0);
    CHECK(restricted({{base.path() + "/nothing", hv::FileUse::read}}, [] { return 0; }) == not_restricted);
}

TEST_CASE("Landlock: signals and abstract sockets of others, and TCP, where its version has them", "[landlock]") {
    const hv::FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = abstract_address();
    REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener.get(), 8) == 0);
    const auto connect_abstract = [&address] {
        const hv::FileDescriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        return error_of(connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    };
    const auto bind_tcp = [] {
        const hv::FileDescriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_in any{
            .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        return error_of(bind(server.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any));
    };
    const auto signal_parent = [] { return error_of(kill(getppid(), 0)); };
    const auto signal_itself = [] { return error_of(kill(getpid(), 0)); };
    const auto signals_restricted = [](const std::function<int()>& attempt) {
        return in_child([&attempt] { return hv::restrict_signals() ? attempt() : not_restricted; });
    };

    const bool scopes = hv::landlock_version() >= hv::complete_landlock;
    if (!scopes) WARN("this host's Landlock does not know signals");
    CHECK(in_child(signal_parent) == 0);
    CHECK(in_child(connect_abstract) == 0);
    CHECK(in_child(bind_tcp) == 0);
    CHECK(restricted({}, signal_parent) == (scopes ? EPERM : 0));
    CHECK(restricted({}, connect_abstract) == (scopes ? EPERM : 0));
    CHECK(restricted({}, signal_itself) == 0);
    CHECK(restricted({}, bind_tcp) == (hv::landlock_version() >= 4 ? EACCES : 0));
    CHECK(in_child([&] { return hv::restrict_files({}, hv::Tcp::allowed) ? bind_tcp() : not_restricted; }) == 0);
    CHECK(signals_restricted(signal_parent) == (scopes ? EPERM : 0));
    CHECK(signals_restricted(connect_abstract) == (scopes ? EPERM : 0));
    CHECK(signals_restricted(signal_itself) == 0);
    CHECK(signals_restricted([] { return error_of_opening("/etc/passwd", O_RDONLY); }) == 0);
}

TEST_CASE("dropped capabilities: none in any set", "[landlock]") {
    const int left = in_child([] {
        const bool privileged = geteuid() == 0;
        if (!hv::drop_capabilities()) return not_restricted;
        std::ifstream status("/proc/self/status");
        int sets = 0;
        for (std::string line; std::getline(status, line);) {
            // Without privilege the bounding set stays.
            if (!line.starts_with("Cap") || (line.starts_with("CapBnd") && !privileged)) continue;
            if (line.find_first_not_of("0\t", line.find(':') + 1) != std::string::npos) ++sets;
        }
        return sets;
    });
    CHECK(left == 0);
}
