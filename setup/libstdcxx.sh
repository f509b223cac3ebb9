#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the whole of libstdc++, with threads, against the sysroot's Newlib, and takes the host's libgcc into the
# sysroot.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

version=$(flag GUEST_GCC_VERSION)
changes=$root/setup/libstdcxx.patch
[ -f "$stamps/newlib" ] || fail "Newlib comes first: run setup/newlib.sh"
# shellcheck disable=SC2046 # one word per flag
own_types=$(printf '#include <pthread.h>
#include <semaphore.h>
' | meaning_of $(flag GUEST_CFLAGS))
key=$(key_of "$0" "$changes" "$(flag GUEST_CXXFLAGS)" "$stamps/newlib" "$own_types" \
    "$(version_of "gcc-$version-source")")
if is_done libstdcxx "$key"; then exit 0; fi

say "unpacking"
work=$build/libstdcxx
rm -rf "$work"
mkdir -p "$work/src" "$work/build/libgcc" "$work/build/libstdc++-v3" "$sysroot/lib"
tar -xf "/usr/src/gcc-$version/gcc-$version"*.tar.xz -C "$work/src" --strip-components=1 --wildcards \
    --exclude='*/testsuite/[!M]*' --exclude='*/libstdc++-v3/doc/html' --exclude='*/ChangeLog*'  \
    'gcc-*/libstdc++-v3' 'gcc-*/libgcc/gthr*' 'gcc-*/libgcc/unwind*.h' 'gcc-*/libgcc/*.h' 'gcc-*/config' \
    'gcc-*/include' 'gcc-*/libiberty/cp-demangle.*' 'gcc-*/gcc/BASE-VER' \
    'gcc-*/gcc/DATESTAMP' 'gcc-*/libbacktrace/filetype.awk' 'gcc-*/config.*' 'gcc-*/config-ml.in' 'gcc-*/install-sh' \
    'gcc-*/ltmain.sh' 'gcc-*/missing' \
    'gcc-*/mkinstalldirs' 'gcc-*/compile' 'gcc-*/depcomp' 'gcc-*/move-if-change'

patch --quiet --strip=1 --directory="$work/src" <"$changes" ||
    fail "the library's sources are not what $changes expects"

# Where the library leaves room for what the system has, and configure, which cannot link for us, does not find out.
# Weak references to the threads would be left undefined in a static image, and locks would silently not lock.
{
    cat <<'DEFINES'
#ifdef __tenon__
#define _GLIBCXX_GTHREAD_USE_WEAK 0
#define _GLIBCXX_USE_CLOCK_MONOTONIC 1
#define _GLIBCXX_USE_CLOCK_REALTIME 1
#define _GLIBCXX_USE_NANOSLEEP 1
#define _GLIBCXX_USE_SCHED_YIELD 1
#define _GLIBCXX_HAVE_TLS 1
#define _GLIBCXX_HAVE_AT_QUICK_EXIT 1
#define _GLIBCXX_HAVE_QUICK_EXIT 1
#define _GLIBCXX_HAVE___CXA_THREAD_ATEXIT_IMPL 1
DEFINES
    for function in ACOS ASIN ATAN ATAN2 CEIL COS COSH EXP FABS FLOOR FMOD FREXP HYPOT LDEXP LOG LOG10 MODF POW SIN \
        SINH SQRT TAN TANH; do
        echo "#define _GLIBCXX_HAVE_${function}L 1"
    done
    echo '#endif'
} >>"$work/src/libstdc++-v3/config/os/newlib/os_defines.h"

ln -s ../../src/libgcc/gthr-posix.h "$work/build/libgcc/gthr-default.h"

# The library's files choose their own language standards. Its debug information would be most of every image's ELF.
# Nor may they see the headers of a library that was built before.
own_flags() { sed -E -e 's/-std=[^ ]* //' -e 's#-isystem [^ ]*/include/c\+\+/[^ ]+##g' <<<"$(flag "$1") -g0 -w"; }
# Without -nostdlib configure would link, and thus compare, with the C library of this machine.
cc="$(flag GUEST_CC) $(own_flags GUEST_CFLAGS)"
cxx="$(flag GUEST_CXX) $(own_flags GUEST_CXXFLAGS)"

say "configuring (about 15 s)"
cd "$work/build/libstdc++-v3"
../../src/libstdc++-v3/configure --quiet --host=x86_64-elf --build="$($(flag GUEST_CC) -dumpmachine)" \
    --prefix="$work/install" \
    --with-newlib --with-gxx-include-dir="$work/install/include" --disable-multilib --disable-shared --disable-nls \
    --disable-libstdcxx-pch --disable-libstdcxx-verbose --disable-libstdcxx-filesystem-ts \
    --disable-libstdcxx-backtrace --disable-werror \
    --with-target-subdir=. --enable-libstdcxx-threads --enable-clocale=generic --enable-cxx-flags= \
    CC="$cc" CXX="$cxx" CFLAGS= CXXFLAGS= LDFLAGS="-nostdlib -lno_such_library" AR=ar RANLIB=ranlib NM=nm AS=as LD=ld \
    STRIP=strip OBJDUMP=objdump \
    >"$work/configure.log" 2>&1 || {
    tail -n 20 "$work/configure.log" >&2
    fail "configure failed, see $work/configure.log"
}

# The locales' facets come with every stream, mostly unused: built for size they are two thirds as large, which is 100
# KB of an image.
for directory in c++98 c++11; do
    echo 'locale-inst.lo wlocale-inst.lo cxx11-locale-inst.lo cxx11-wlocale-inst.lo' \
        'cow-shim_facets.lo cxx11-shim_facets.lo: override CXXFLAGS += -Os' >>src/$directory/Makefile
done

say "building (about 30 s)"
run_counted "$work/make.log" 190 'libtool: compile' make -j "$jobs" MAKEINFO=true
make install >"$work/install.log" 2>&1 || fail "see $work/install.log"

# At the end and at once: somebody may be compiling with what was there.
rm -rf "$sysroot/include/c++"
mkdir -p "$sysroot/include/c++"
cp -r "$work/install/include" "$sysroot/include/c++/$version"
cp "$work"/install/lib*/libstdc++.a "$sysroot/lib/"
# The handler for an exception that nobody catches is Tenon's (userland/libc/terminate.cpp). An archive is searched for
# what it needs itself before any other is, so the library's own, which says nothing, would always win.
ar d "$sysroot/lib/libstdc++.a" eh_term_handler.o
# libgcc is the host's. What it expects of the C library, the guest has: abort, the memory functions, pthread_once and
# the keys (with the sizes that sys/_pthreadtypes.h notes), __pthread_key_create as the sign that there are threads, and
# _dl_find_object to find the unwind tables. Its code uses the red zone.
for library in libgcc.a libgcc_eh.a; do
    cp "$($(flag GUEST_CC) -print-file-name=$library)" "$sysroot/lib/"
done
mark_done libstdcxx "$key"
