// SPDX-License-Identifier: Apache-2.0
// Users, limits, priorities, clocks and what else programs ask of the system.
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>

#include "../check.h"

CONFORMANCE(users) {
    const passwd* user = getpwnam("root");
    VALUE("root", user != nullptr);
    if (user == nullptr) return;
    VALUE("number", static_cast<int>(user->pw_uid));
    VALUE("group", static_cast<int>(user->pw_gid));
    VALUE("name", std::string(getpwuid(0)->pw_name));
    user = getpwnam("nobody");
    VALUE("nobody", user != nullptr ? static_cast<int>(user->pw_uid) : -1);
    POINTER("an unknown name", getpwnam("unknown"));
    VALUE("an unknown number", getpwuid(4321) == nullptr);
    passwd found = {}, *result = nullptr;
    char text[512];
    CODE("getpwnam_r", getpwnam_r("root", &found, text, sizeof(text), &result));
    VALUE("found", result == &found);
    CODE("getpwnam_r of too little room", getpwnam_r("root", &found, text, 5, &result));
    VALUE("found nothing", result == nullptr);
    CODE("getpwnam_r of an unknown name", getpwnam_r("unknown", &found, text, sizeof(text), &result));
    VALUE("found none", result == nullptr);
    const group* wheel = getgrgid(0);
    VALUE("group 0", wheel != nullptr ? std::string(wheel->gr_name) : "");
    VALUE("its members", wheel != nullptr && wheel->gr_mem[0] == nullptr);
    VALUE("an unknown group", getgrnam("unknown") == nullptr);
    int count = 0;
    setpwent();
    while (getpwent() != nullptr) ++count;
    endpwent();
    VALUE("all users", count);
}

CONFORMANCE(resource_limits) {
    rlimit limit = {};
    CALL("getrlimit", getrlimit(RLIMIT_NOFILE, &limit));
    VALUE("is sound", limit.rlim_cur <= limit.rlim_max && limit.rlim_cur > 64);
    CALL("a wrong resource", getrlimit(static_cast<decltype(RLIMIT_NOFILE)>(99), &limit));
    limit = {200, 100};
    CALL("above the maximum", setrlimit(RLIMIT_NOFILE, &limit));
    CALL("getrlimit of files' sizes", getrlimit(RLIMIT_FSIZE, &limit));
    VALUE("unlimited", limit.rlim_cur == RLIM_INFINITY);
    getrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t most = limit.rlim_max;
    limit.rlim_cur = 100;
    CALL("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
    rlimit old = {};
    limit.rlim_cur = most;
    CALL("prlimit", prlimit(0, RLIMIT_NOFILE, &limit, &old));
    VALUE("the former", static_cast<int>(old.rlim_cur));
    CALL("prlimit of another", prlimit(4321, RLIMIT_NOFILE, nullptr, &old));

    errno = 0;
    CALL("getpriority", getpriority(PRIO_PROCESS, 0));
    CALL("setpriority", setpriority(PRIO_PROCESS, 0, 5));
    CALL("getpriority then", getpriority(PRIO_PROCESS, static_cast<id_t>(getpid())));
    CALL("nice", nice(3));
    CALL("nice beyond the end", nice(100));
    CALL("a wrong kind", getpriority(static_cast<decltype(PRIO_PROCESS)>(7), 0));
    CALL("another process", setpriority(PRIO_PROCESS, 4321, 1));
}

CONFORMANCE(more_clocks) {
    for (const clockid_t clock : {CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_REALTIME_COARSE}) {
        timespec now = {}, resolution = {};
        CALL("gettime", clock_gettime(clock, &now));
        VALUE("runs", now.tv_sec > 0 || now.tv_nsec > 0);
        CALL("getres", clock_getres(clock, &resolution));
    }
    timespec coarse = {}, fine = {};
    clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
    clock_gettime(CLOCK_REALTIME, &fine);
    VALUE("near each other", fine.tv_sec - coarse.tv_sec <= 1);
    struct timezone zone = {7, 7};
    timeval time = {};
    CALL("gettimeofday with a zone", gettimeofday(&time, &zone));
    VALUE("minutes west", zone.tz_minuteswest);
    setenv("TZ", "XXX3", 1);
    tzset();
    VALUE("timezone", timezone);
    unsetenv("TZ");
    tzset();
    VALUE("SSIZE_MAX", SSIZE_MAX);
    sem_t semaphore;
    CALL("sem_init, shared", sem_init(&semaphore, 1, 1));
    CALL("sem_wait", sem_wait(&semaphore));
}

CONFORMANCE(temporary_files) {
    char name[] = "/tmp/fileXXXXXX";
    const int fd = mkstemp(name);
    VALUE("mkstemp", fd >= 0);
    VALUE("another name", std::string_view(name).ends_with("XXXXXX"));
    CALL("write", write(fd, "x", 1));
    VALUE("mode", (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
    close(fd);
    CALL("unlink", unlink(name));
    char wrong[] = "/tmp/fileXXX";
    CALL("without a place for the name", mkstemp(wrong));
    char nowhere[] = "/tmp/none/fileXXXXXX";
    CALL("in no directory", mkstemp(nowhere));
    FILE* file = tmpfile();
    VALUE("tmpfile", file != nullptr);
    if (file != nullptr) {
        std::fputs("text", file);
        std::rewind(file);
        char text[8] = {};
        VALUE("reads", std::fgets(text, sizeof(text), file) != nullptr && std::strcmp(text, "text") == 0);
        std::fclose(file);
    }
    char* directory = get_current_dir_name();
    VALUE("get_current_dir_name", std::string(directory));
    std::free(directory);
    struct statfs space = {};
    CALL("statfs", statfs("/tmp", &space));
    CALL("statfs of nothing", statfs("/none", &space));
    termios settings = {};
    const int pipe_end = open("/text.txt", O_RDONLY);
    CALL("tcgetattr of a file", tcgetattr(pipe_end, &settings));
    close(pipe_end);
    CALL("tcgetattr of nothing", tcgetattr(-1, &settings));
    cfmakeraw(&settings);
    VALUE("raw", settings.c_lflag & (ICANON | ECHO));
}
