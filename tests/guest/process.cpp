// SPDX-License-Identifier: Apache-2.0
// The program's surroundings: arguments, environment, information about the system, and absent functions.
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "kernel/options/command_line.h"
#include "tests/guest/test.h"

namespace {

/// `call` fails with ENOSYS.
#define EXPECT_ABSENT(call)      \
    do {                         \
        errno = 0;               \
        EXPECT((call) == -1);    \
        EXPECT(errno == ENOSYS); \
    } while (false)

struct Constructed {
    Constructed() : was_constructed(true) {}
    bool was_constructed;
};
Constructed constructed;
int order = 0, first_value = 0, last_value = 0;
[[gnu::constructor(101)]] void construct_first() { first_value = ++order; }
[[gnu::constructor]] void construct_last() { last_value = ++order; }

}  // namespace

GUEST_TEST(constructors_ran_in_order) {
    EXPECT(constructed.was_constructed);
    EXPECT(first_value == 1);
    EXPECT(last_value == 2);
}

GUEST_TEST(arguments_end_with_null) {
    const auto arguments = tenon::program_arguments();
    EXPECT(!arguments.empty());
    EXPECT(std::strlen(arguments[0]) > 0);
    EXPECT(arguments.data()[arguments.size()] == nullptr);
}

GUEST_TEST(the_environment_can_be_changed) {
    EXPECT(std::getenv("NOT_THERE") == nullptr);
    EXPECT(setenv("NAME", "value", 1) == 0);
    EXPECT(std::string(std::getenv("NAME")) == "value");
    EXPECT(setenv("NAME", "other", 0) == 0);
    EXPECT(std::string(std::getenv("NAME")) == "value");
    EXPECT(unsetenv("NAME") == 0);
    EXPECT(std::getenv("NAME") == nullptr);
}

GUEST_TEST(the_system_says_what_it_is) {
    utsname name;
    EXPECT(uname(&name) == 0);
    EXPECT(std::string(name.sysname) == "Tenon");
    EXPECT(std::string(name.machine) == "x86_64");
    char host[70];
    EXPECT(gethostname(host, sizeof(host)) == 0);
    EXPECT(std::string(host) == name.nodename);
    EXPECT(gethostname(host, 1) == -1);
    EXPECT(sysconf(_SC_PAGESIZE) == 4096);
    EXPECT(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    EXPECT(sysconf(_SC_PHYS_PAGES) >= sysconf(_SC_AVPHYS_PAGES));
    EXPECT(sysconf(12'345) == -1);
    EXPECT(getpid() == 1);
    EXPECT(getuid() == 0);
    char directory[10];
    EXPECT(std::string(getcwd(directory, sizeof(directory))) == "/");
    EXPECT(chdir("/") == 0);
}

GUEST_TEST(errno_is_each_threads_own) {
    errno = 5;
    EXPECT(close(-1) == -1);
    EXPECT(errno == EBADF);
}

GUEST_TEST(what_is_not_there_says_so) {
    EXPECT_ABSENT(fork());
    EXPECT_ABSENT(execv("/hello.txt", nullptr));
    EXPECT_ABSENT(wait(nullptr));
    EXPECT_ABSENT(setpgid(0, 0));
    EXPECT_ABSENT(setsid());
    EXPECT(std::system("true") == -1);
}
