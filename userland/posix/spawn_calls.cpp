// SPDX-License-Identifier: Apache-2.0
// posix_spawn and what belongs to it, and crypt: not there.
#include <crypt.h>
#include <errno.h>
#include <spawn.h>

#include "userland/posix/absence.h"

namespace {

int absent(const char* function) {
    tenon::posix::tell_absent(function);
    return ENOSYS;
}
char* no_hash() {
    errno = absent("crypt");
    return nullptr;
}

}  // namespace

extern "C" {

int posix_spawn(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const[],
                char* const[]) {
    return absent("posix_spawn");
}
int posix_spawnp(pid_t*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const[],
                 char* const[]) {
    return absent("posix_spawnp");
}
int posix_spawn_file_actions_init(posix_spawn_file_actions_t*) { return absent("posix_spawn_file_actions_init"); }
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t*) { return ENOSYS; }
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t*, int, const char*, int, mode_t) { return ENOSYS; }
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t*, int) { return ENOSYS; }
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t*, int, int) { return ENOSYS; }
int posix_spawnattr_init(posix_spawnattr_t*) { return absent("posix_spawnattr_init"); }
int posix_spawnattr_destroy(posix_spawnattr_t*) { return ENOSYS; }
int posix_spawnattr_setflags(posix_spawnattr_t*, short) { return ENOSYS; }
int posix_spawnattr_setsigmask(posix_spawnattr_t*, const sigset_t*) { return ENOSYS; }
int posix_spawnattr_setsigdefault(posix_spawnattr_t*, const sigset_t*) { return ENOSYS; }
int posix_spawnattr_setpgroup(posix_spawnattr_t*, pid_t) { return ENOSYS; }

char* crypt(const char*, const char*) { return no_hash(); }
char* crypt_r(const char*, const char*, crypt_data*) { return no_hash(); }

}  // extern "C"
