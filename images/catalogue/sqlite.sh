# SPDX-License-Identifier: Apache-2.0
# SQLite: its shell, and speedtest1, the benchmark of its authors. Without shared memory there is no write-ahead log.
# shellcheck shell=bash disable=SC2034
package=sqlite3
features="console tmpfs"
build() {
    # The amalgamation is made on the host.
    if [ ! -f shell.c ]; then
        CC=gcc ./configure --disable-tcl --disable-readline
        make sqlite3.c shell.c
    fi
    local options=(-O2 -DSQLITE_OMIT_WAL -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_THREADSAFE=1)
    [ -f sqlite3.o ] || "$CC" "${options[@]}" -c sqlite3.c
    "$CC" "${options[@]}" -ftenon-stubs shell.c sqlite3.o -o sqlite
    image sqlite
    "$CC" "${options[@]}" -ftenon-stubs -I. test/speedtest1.c sqlite3.o -o speedtest1
    image speedtest1 speedtest1
}
