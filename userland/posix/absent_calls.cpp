// SPDX-License-Identifier: Apache-2.0
// Functions that are declared and not supported: processes, pipes, timers with signals, users. Each fails with ENOSYS,
// so that portable programs link and can use alternatives. They are a library of their own, because a configure script
// takes what links for what is there.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstddef>

namespace {

template <typename T = int>
T absent(T result = static_cast<T>(-1)) {
    errno = ENOSYS;
    return result;
}

}  // namespace

extern "C" {

// Processes.
pid_t fork() { return absent(); }
pid_t vfork() { return absent(); }
int execve(const char*, char* const*, char* const*) { return absent(); }
int execv(const char*, char* const*) { return absent(); }
int fexecve(int, char* const*, char* const*) { return absent(); }
int execvp(const char*, char* const*) { return absent(); }
int execvpe(const char*, char* const*, char* const*) { return absent(); }
int execl(const char*, const char*, ...) { return absent(); }
int execle(const char*, const char*, ...) { return absent(); }
int execlp(const char*, const char*, ...) { return absent(); }
int execlpe(const char*, const char*, ...) { return absent(); }
pid_t wait(int*) { return absent(); }
pid_t waitpid(pid_t, int*, int) { return absent(); }
pid_t setsid() { return absent(); }
pid_t getsid(pid_t) { return absent(); }
pid_t getpgid(pid_t) { return absent(); }
int setpgid(pid_t, pid_t) { return absent(); }
int setpgrp() { return absent(); }
pid_t tcgetpgrp(int) { return absent(); }
int tcsetpgrp(int, pid_t) { return absent(); }
int nice(int) { return absent(); }
FILE* popen(const char*, const char*) { return absent<FILE*>(nullptr); }
int pclose(FILE*) { return absent(); }
int daemon(int, int) { return absent(); }
int pthread_cancel(pthread_t) { return ENOSYS; }

// Pipes, another root.
int pipe(int*) { return absent(); }
int pipe2(int*, int) { return absent(); }
int chroot(const char*) { return absent(); }

// Timers that send signals, and another stack for them.
int sigaltstack(const stack_t*, stack_t*) { return absent(); }
unsigned alarm(unsigned) {
    errno = ENOSYS;
    return 0;
}
int getitimer(int, itimerval*) { return absent(); }
int setitimer(int, const itimerval*, itimerval*) { return absent(); }
int timer_create(clockid_t, sigevent*, timer_t*) { return absent(); }
int timer_delete(timer_t) { return absent(); }
int timer_settime(timer_t, int, const itimerspec*, itimerspec*) { return absent(); }
int timer_gettime(timer_t, itimerspec*) { return absent(); }
int timer_getoverrun(timer_t) { return absent(); }

// Users and groups: there is one, number 0, and no list of names.
int setuid(uid_t) { return absent(); }
int setgid(gid_t) { return absent(); }
int seteuid(uid_t) { return absent(); }
int setegid(gid_t) { return absent(); }
int setreuid(uid_t, uid_t) { return absent(); }
int setregid(gid_t, gid_t) { return absent(); }
int setgroups(int, const gid_t*) { return absent(); }
int getlogin_r(char*, size_t) { return ENOSYS; }
int getgroups(int, gid_t*) { return 0; }
char* getlogin() { return absent<char*>(nullptr); }
passwd* getpwnam(const char*) { return absent<passwd*>(nullptr); }
passwd* getpwuid(uid_t) { return absent<passwd*>(nullptr); }
int getpwnam_r(const char*, passwd*, char*, size_t, passwd** result) {
    *result = nullptr;
    return ENOSYS;
}
int getpwuid_r(uid_t, passwd*, char*, size_t, passwd** result) {
    *result = nullptr;
    return ENOSYS;
}
int getgrnam_r(const char*, group*, char*, size_t, group** result) {
    *result = nullptr;
    return ENOSYS;
}
int getgrgid_r(gid_t, group*, char*, size_t, group** result) {
    *result = nullptr;
    return ENOSYS;
}
passwd* getpwent() { return absent<passwd*>(nullptr); }
void setpwent() {}
void endpwent() {}
group* getgrent() { return absent<group*>(nullptr); }
void setgrent() {}
void endgrent() {}
int initgroups(const char*, gid_t) { return absent(); }
group* getgrnam(const char*) { return absent<group*>(nullptr); }
group* getgrgid(gid_t) { return absent<group*>(nullptr); }

// Memory that grows at its end: Newlib's allocator is not used.
void* sbrk(ptrdiff_t) {
    errno = ENOMEM;
    return reinterpret_cast<void*>(-1);
}

}  // extern "C"
