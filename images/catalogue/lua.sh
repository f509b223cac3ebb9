# SPDX-License-Identifier: Apache-2.0
# Lua: the interpreter of a small language. Its popen() needs processes and says at run time that there are none.
# shellcheck shell=bash disable=SC2034
package=lua5.4
features="console tmpfs"
build() {
    cd src
    rm -f luac.c # the compiler, a program of its own
    echo '#define DEB_HOST_MULTIARCH "tenon"' >lua5.4-deb-multiarch.h
    "$CC" -std=gnu99 -O2 -DLUA_COMPAT_5_3 -DLUA_USE_POSIX -ftenon-stubs l*.c -lm -o lua
    image lua
}
