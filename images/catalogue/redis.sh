# SPDX-License-Identifier: Apache-2.0
# Redis: its server. Without processes it does not save in the background: a file of all commands (AOF) keeps its data.
# shellcheck shell=bash disable=SC2034
package=redis
features="console net tmpfs balloon"
build() {
    rm -f src/redis-server
    make -C src redis-server uname_S=Tenon MALLOC=libc CC="$CC -DHAVE_EPOLL -ftenon-stubs" AR="$AR" RANLIB="$RANLIB" \
        OPTIMIZATION=-O2 DEBUG=-g
    image src/redis-server
}
