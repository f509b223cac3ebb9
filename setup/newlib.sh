#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds Newlib, the guest's C library, from Debian's source package into the sysroot, with the host's compiler.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

own_headers=$(find "$root/userland/libc/include" "$root/userland/pthread/include/sys" -name '*.h' | sort | xargs cat |
    meaning_of -fpreprocessed)
patches=("$root"/setup/newlib/*.patch)
key=$(key_of "$0" "${patches[@]}" "$(flag GUEST_CFLAGS)" "$own_headers" "$(version_of newlib-source)" \
    "$(version_of gcc-12-source)")
if is_done newlib "$key"; then exit 0; fi

say "unpacking"
work=$build/newlib
rm -rf "$work"
mkdir -p "$work/src" "$work/build"
tar -xf /usr/src/newlib/newlib-*.tar.xz -C "$work/src" --strip-components=1 \
    --exclude='*/libgloss' --exclude='*/newlib/testsuite' --exclude='*/newlib/libc/sys/linux'

for patch in "${patches[@]}"; do
    patch --quiet --strip=1 --no-backup-if-mismatch --directory="$work/src" <"$patch" >>"$work/patch.log" 2>&1 ||
        fail "${patch#"$root/"} does not apply, see $work/patch.log"
done

# Newlib knows no system of our name. On one it does not know it leaves out POSIX's pattern matching and path helpers,
# and expects the system to have little; this says what Tenon has, and which functions it cannot have (processes,
# users). In POSIX mode mathematical functions set errno.
cat >>"$work/src/newlib/configure.host" <<'HOST'
posix_dir=posix
unix_dir=unix
newlib_cflags="${newlib_cflags} -D_COMPILING_NEWLIB -DMALLOC_PROVIDED -DGETREENT_PROVIDED -DEXIT_PROVIDED"
newlib_cflags="${newlib_cflags} -DABORT_PROVIDED -DHAVE_OPENDIR -DHAVE_FCNTL -DHAVE_RENAME -DHAVE_BLKSIZE"
newlib_cflags="${newlib_cflags} -DHAVE_NANOSLEEP -DHAVE_ASSERT_FUNC -D_NO_EXECVE -D_NO_POPEN -D_NO_POSIX_SPAWN"
newlib_cflags="${newlib_cflags} -D_NO_WORDEXP -D_NO_GETCWD -D_NO_GETLOGIN -D_NO_GETPASS -D_NO_GETPWENT -D_NO_GETUT"
newlib_cflags="${newlib_cflags} -D_NO_SIGSET -D_POSIX_MODE"
HOST

# Newlib has the mathematics of long double only where that is double, and without its declarations libstdc++ leaves out
# most of C99's mathematics for every type. So they are made there as well, in the precision of double; hypotl, sqrtl
# and nanl have a true version.
(
    cd "$work/src/newlib"
    sed -i 's/^#if defined (_LDBL_EQ_DBL) || defined (__CYGWIN__)/#if 1/' libc/include/math.h
    grep -l '^#ifdef _LDBL_EQ_DBL' libm/common/*l.c libm/common/nexttoward*.c | grep -v -e hypotl -e sqrtl -e nanl |
        xargs sed -i 's/^#ifdef _LDBL_EQ_DBL/#if 1/'
)

# Positional arguments (%2$s) take the address of a parameter of type va_list, which here is an array, and so a pointer
# when passed: get_arg would read the pointer's own bytes. A local copy has an address that is what get_arg expects.
for file in vfprintf.c vfwprintf.c vfscanf.c vfwscanf.c; do
    sed -i -E '/^(_VFPRINTF_R|_VFWPRINTF_R|__SVFSCANF_R|__SVFWSCANF_R) \(/,/^\{/ {
        s/va_list ap\)/va_list given)/
        s/^\{/{\n  va_list ap;\n  va_copy (ap, given);/
    }' "$work/src/newlib/libc/stdio/$file"
    grep -q 'va_copy (ap, given)' "$work/src/newlib/libc/stdio/$file" || fail "$file is not what it was"
done

# Printing a long double calls sprintf for its exponent, which brings a second formatted-output machine of 18 KiB into
# every image that has printf.
sed -i -e 's/sprintf (string, /strcpy (string, /' \
    -e 's/sprintf (ss, "E%d", expon);/*ss++ = 69; __itoa (expon, ss, 10);/' \
    "$work/src/newlib/libc/stdlib/ldtoa.c"

# There is no cancellation to keep streams safe from: this saves two calls around every operation, and the threads
# behind them in an image without any.
sed -i '/define _STDIO_WITH_THREAD_CANCELLATION_SUPPORT/d' "$work/src/newlib/libc/stdio/local.h"

# While it is being built its headers are not yet in the sysroot. Debug information of the libraries would be most of
# every image's ELF.
compiler="$(flag GUEST_CC) $(flag GUEST_CFLAGS) -g0 -w"
compiler="$compiler -isystem $work/build/targ-include -isystem $work/src/newlib/libc/include"

encodings=us_ascii,utf_8,utf_16,iso_8859_1,iso_8859_15,win_1252,ucs_2,ucs_4,ucs_2_internal,ucs_4_internal
say "configuring"
cd "$work/build"
../src/newlib/configure --quiet --host=x86_64-elf --build="$($(flag GUEST_CC) -dumpmachine)" --prefix="$work/install" \
    --disable-multilib --disable-newlib-supplied-syscalls --enable-newlib-multithread \
    --enable-newlib-retargetable-locking \
    --enable-newlib-reent-check-verify=no --enable-newlib-global-stdio-streams --enable-newlib-global-atexit \
    --enable-newlib-iconv --enable-newlib-iconv-encodings="$encodings" \
    --enable-newlib-io-long-long --enable-newlib-io-c99-formats --enable-newlib-io-long-double \
    --enable-newlib-io-pos-args \
    CC="$compiler" AR=ar RANLIB=ranlib CFLAGS= >"$work/configure.log" 2>&1 || {
    tail -n 20 "$work/configure.log" >&2
    fail "configure failed, see $work/configure.log"
}

# Formatting is most of what a small program takes from Newlib, and its speed is hardly ever what counts: two thirds of
# the size.
echo 'override CFLAGS += -Os' >>libc/stdio/Makefile

say "building (about 30 s)"
run_counted "$work/make.log" 1018 ' -c ' make -j "$jobs" CC="$compiler" AR=ar RANLIB=ranlib MAKEINFO=true
make install >"$work/install.log" 2>&1 CC="$compiler" AR=ar RANLIB=ranlib MAKEINFO=true || fail "see $work/install.log"

mkdir -p "$sysroot/include" "$sysroot/lib"
# Headers of what is not there: without them programs and their configure scripts find out.
for header in ndbm.h spawn.h termios.h threads.h unctrl.h utmp.h wordexp.h; do
    rm -f "$work/install/x86_64-elf/include/$header" "$sysroot/include/$header"
done
# It uses a type that it does not declare.
sed -i '/^#define[[:space:]]_REGEX_H_/a #include <sys/types.h>' "$work/install/x86_64-elf/include/regex.h"
cp -r "$work/install/x86_64-elf/include/." "$sysroot/include/"
# What userland/ has in its place. An archive is searched for what it needs itself before any other is, so Newlib's
# would come in, too.
ar d "$work/install/x86_64-elf/lib/libc.a" lib_a-{signal,__atexit,__call_atexit,quick_exit,sleep,usleep}.o
cp "$work/install/x86_64-elf/lib/libc.a" "$work/install/x86_64-elf/lib/libm.a" "$sysroot/lib/"
mark_done newlib "$key"
