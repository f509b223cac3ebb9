// SPDX-License-Identifier: Apache-2.0
// Functions of streams that POSIX requires and Newlib lacks: whole lines, locks for several calls, the terminal's name.
#include <stdio.h>
#include <string.h>
#include <sys/lock.h>

extern "C" {

ssize_t getdelim(char** line, size_t* size, int delimiter, FILE* stream) {
    return __getdelim(line, size, delimiter, stream);
}
ssize_t getline(char** line, size_t* size, FILE* stream) { return __getdelim(line, size, '\n', stream); }

// The lock that Newlib takes around each call; it is recursive.
void flockfile(FILE* stream) { __lock_acquire_recursive(stream->_lock); }
int ftrylockfile(FILE* stream) { return __lock_try_acquire_recursive(stream->_lock) != 0 ? 0 : -1; }
void funlockfile(FILE* stream) { __lock_release_recursive(stream->_lock); }

char* ctermid(char* name) {
    static char own[L_ctermid];
    return strcpy(name != nullptr ? name : own, "/dev/tty");
}

}  // extern "C"
