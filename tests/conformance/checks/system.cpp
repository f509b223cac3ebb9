// SPDX-License-Identifier: Apache-2.0
// The process, its environment, and information about the system.
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "../check.h"

using namespace conformance;

CONFORMANCE(environment) {
    POINTER("getenv of nothing", getenv("NOT_THERE"));
    CALL("setenv", setenv("NAME", "value", 1));
    VALUE("getenv", std::string_view(getenv("NAME")));
    CALL("setenv, not over", setenv("NAME", "other", 0));
    VALUE("getenv", std::string_view(getenv("NAME")));
    CALL("setenv, longer", setenv("NAME", "a much longer value", 1));
    VALUE("getenv", std::string_view(getenv("NAME")));
    CALL("setenv, empty", setenv("NAME", "", 1));
    VALUE("getenv", std::string_view(getenv("NAME")));
    CALL("setenv without a name", setenv("", "x", 1));
    CALL("setenv with =", setenv("A=B", "x", 1));
    CALL("setenv of null", setenv(nullptr, "x", 1));
    CALL("unsetenv", unsetenv("NAME"));
    POINTER("getenv then", getenv("NAME"));
    CALL("unsetenv of nothing", unsetenv("NAME"));
    CALL("unsetenv with =", unsetenv("A=B"));
    CALL("unsetenv without a name", unsetenv(""));
    char assignment[] = "PUT=given";
    CALL("putenv", putenv(assignment));
    VALUE("getenv", std::string_view(getenv("PUT")));
    std::memcpy(assignment + 4, "taken", 5);
    VALUE("is the caller's text", std::string_view(getenv("PUT")));
    int found = 0;
    for (char** each = environ; *each != nullptr; ++each) found += std::strncmp(*each, "PUT=", 4) == 0;
    VALUE("in environ", found);
    CALL("unsetenv", unsetenv("PUT"));
    VALUE("secure_getenv", secure_getenv("PUT") == nullptr);
}

CONFORMANCE(process) {
    VALUE("user", getuid());
    VALUE("effective user", geteuid());
    VALUE("group", getgid());
    VALUE("effective group", getegid());
    VALUE("a process number", getpid() > 0);
    VALUE("the same again", getpid() == getpid());
    VALUE("a parent's number", getppid() >= 0);
    VALUE("a group", getpgrp() >= 0);
    VALUE("atexit", atexit([] {}));
    POINTER("malloc of nothing", malloc(0));
    POINTER("malloc of too much", malloc(PTRDIFF_MAX));
    volatile std::size_t half = SIZE_MAX / 2;
    POINTER("calloc of too much", calloc(half, 4));
    char* zeros = static_cast<char*>(calloc(100, 1));
    VALUE("calloc zeroes", std::string_view(zeros, 100) == std::string(100, '\0'));
    zeros = static_cast<char*>(realloc(zeros, 100'000));
    VALUE("realloc keeps", std::string_view(zeros, 100) == std::string(100, '\0'));
    free(zeros);
    void* aligned = nullptr;
    CODE("posix_memalign", posix_memalign(&aligned, 4096, 10));
    VALUE("is aligned", reinterpret_cast<std::uintptr_t>(aligned) % 4096);
    CODE("posix_memalign, wrong", posix_memalign(&aligned, 3, 10));
    CODE("posix_memalign, too small", posix_memalign(&aligned, 2, 10));
    CODE("posix_memalign of too much", posix_memalign(&aligned, 16, PTRDIFF_MAX));
    POINTER("aligned_alloc", aligned_alloc(64, 128));
    VALUE("malloc_usable_size", malloc_usable_size(malloc(100)) >= 100);
    VALUE("malloc_usable_size of null", malloc_usable_size(nullptr));
    char seed[300];
    CALL("getentropy", getentropy(seed, 256));
    CALL("getentropy of too much", getentropy(seed, 257));
    CALL("getrandom", getrandom(seed, sizeof(seed), 0));
    CALL("getrandom, nonblocking", getrandom(seed, 10, GRND_NONBLOCK));
    CALL("getrandom, wrong flag", getrandom(seed, 10, 0x8000));
}

CONFORMANCE(about_the_system) {
    utsname name;
    CALL("uname", uname(&name));
    VALUE("machine", std::string_view(name.machine));
    VALUE("a system's name",
          std::strlen(name.sysname) > 0 && std::strlen(name.release) > 0 && std::strlen(name.version) > 0);
    char host[100];
    CALL("gethostname", gethostname(host, sizeof(host)));
    VALUE("is the node's", std::string_view(host) == name.nodename);
    CALL("gethostname, no room", gethostname(host, 1));
    VALUE("page size", sysconf(_SC_PAGESIZE));
    VALUE("getpagesize", getpagesize());
    VALUE("processors",
          sysconf(_SC_NPROCESSORS_ONLN) >= 1 && sysconf(_SC_NPROCESSORS_CONF) >= sysconf(_SC_NPROCESSORS_ONLN));
    VALUE("pages", sysconf(_SC_PHYS_PAGES) > sysconf(_SC_AVPHYS_PAGES) && sysconf(_SC_AVPHYS_PAGES) > 0);
    VALUE("open files", sysconf(_SC_OPEN_MAX) >= 256);
    VALUE("getdtablesize", getdtablesize() == sysconf(_SC_OPEN_MAX));
    VALUE("version", sysconf(_SC_VERSION));
    for (const auto& [label, key] : {std::pair<const char*, int>{"threads", _SC_THREADS},
                                     {"timers", _SC_TIMERS},
                                     {"monotonic clock", _SC_MONOTONIC_CLOCK},
                                     {"barriers", _SC_BARRIERS},
                                     {"clock selection", _SC_CLOCK_SELECTION},
                                     {"reader-writer locks", _SC_READER_WRITER_LOCKS},
                                     {"spin locks", _SC_SPIN_LOCKS},
                                     {"semaphores", _SC_SEMAPHORES},
                                     {"timeouts", _SC_TIMEOUTS},
                                     {"thread-safe functions", _SC_THREAD_SAFE_FUNCTIONS},
                                     {"stack size attribute", _SC_THREAD_ATTR_STACKSIZE},
                                     {"fsync", _SC_FSYNC},
                                     {"IPv6", _SC_IPV6},
                                     {"real-time signals", _SC_REALTIME_SIGNALS},
                                     {"parts", _SC_IOV_MAX},
                                     {"host name", _SC_HOST_NAME_MAX},
                                     {"destructor rounds", _SC_THREAD_DESTRUCTOR_ITERATIONS},
                                     {"symbolic links", _SC_SYMLOOP_MAX},
                                     {"line", _SC_LINE_MAX},
                                     {"login name", _SC_LOGIN_NAME_MAX},
                                     {"semaphore's value", _SC_SEM_VALUE_MAX},
                                     {"job control", _SC_JOB_CONTROL},
                                     {"saved ids", _SC_SAVED_IDS},
                                     {"exit functions", _SC_ATEXIT_MAX},
                                     {"terminal name", _SC_TTY_NAME_MAX},
                                     {"time zone name", _SC_TZNAME_MAX},
                                     {"keys", _SC_THREAD_KEYS_MAX},
                                     {"smallest stack", _SC_THREAD_STACK_MIN},
                                     {"groups", _SC_NGROUPS_MAX}})
        CALL(label, sysconf(key));
    CALL("wrong", sysconf(12'345));
    CALL("below zero", sysconf(-1));
    char path[100];
    VALUE("confstr", confstr(_CS_PATH, path, sizeof(path)));
    VALUE("its text", std::string_view(path));
    VALUE("confstr's size", confstr(_CS_PATH, nullptr, 0));
    VALUE("confstr, wrong", confstr(12'345, path, sizeof(path)));
    VALUE("PATH_MAX", PATH_MAX);
    VALUE("NAME_MAX", NAME_MAX);
    VALUE("IOV_MAX", IOV_MAX);
}
