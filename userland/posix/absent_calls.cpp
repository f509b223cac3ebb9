// SPDX-License-Identifier: Apache-2.0
// Functions that are declared and not supported: processes, another root. Each fails with ENOSYS, so that portable
// programs link and can use alternatives. They are a library of their own, because a configure script takes what links
// for what is there.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>

#include "userland/posix/absence.h"

namespace {

/// Says once for each function that it is not there, so that a user finds out what a program misses.
template <typename T = int>
T absent(const char* function, T result = static_cast<T>(-1)) {
    tenon::posix::tell_absent(function);
    errno = ENOSYS;
    return result;
}

}  // namespace

extern "C" {

// Processes.
pid_t fork() { return absent("fork"); }
pid_t vfork() { return absent("vfork"); }
int execve(const char*, char* const*, char* const*) { return absent("execve"); }
int execv(const char*, char* const*) { return absent("execv"); }
int fexecve(int, char* const*, char* const*) { return absent("fexecve"); }
int execvp(const char*, char* const*) { return absent("execvp"); }
int execvpe(const char*, char* const*, char* const*) { return absent("execvpe"); }
int execl(const char*, const char*, ...) { return absent("execl"); }
int execle(const char*, const char*, ...) { return absent("execle"); }
int execlp(const char*, const char*, ...) { return absent("execlp"); }
int execlpe(const char*, const char*, ...) { return absent("execlpe"); }
pid_t wait(int*) { return absent("wait"); }
pid_t waitpid(pid_t, int*, int) { return absent("waitpid"); }
pid_t setsid() { return absent("setsid"); }
pid_t getsid(pid_t) { return absent("getsid"); }
pid_t getpgid(pid_t) { return absent("getpgid"); }
int setpgid(pid_t, pid_t) { return absent("setpgid"); }
int setpgrp() { return absent("setpgrp"); }
pid_t tcgetpgrp(int) { return absent("tcgetpgrp"); }
int tcsetpgrp(int, pid_t) { return absent("tcsetpgrp"); }
FILE* popen(const char*, const char*) { return absent<FILE*>("popen", nullptr); }
int pclose(FILE*) { return absent("pclose"); }
int daemon(int, int) { return absent("daemon"); }
int pthread_cancel(pthread_t) {
    (void)absent("pthread_cancel");
    return ENOSYS;
}

// Another root.
int chroot(const char*) { return absent("chroot"); }

// Another stack for signals' handlers.
int sigaltstack(const stack_t*, stack_t*) { return absent("sigaltstack"); }

// Memory that grows at its end: Newlib's allocator is not used.
void* sbrk(ptrdiff_t) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
}

}  // extern "C"
