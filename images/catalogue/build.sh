#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds a program of others from Debian's source package by its recipe here: build.sh NAME [FOLDER [linux]]
# FOLDER is where the images go; without it only libraries are built. `linux` builds the same for Linux, as a peer.
#
# A recipe NAME.sh says:
#   package=NAME           the source package, fetched when the program is built for the first time
#   features="A B"         the kernel's features of the image
#   build()                runs in the source's folder with $CC, $CXX, $AR, ... and ends with `image FILE`, for what
#                          was linked
#   needs=(NAME ...)       recipes of libraries that are built before it; their files are in $prefix   (may be left out)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=setup/common.sh
source "$here/../../setup/common.sh"
name=$1 output=${2:+$(realpath "$2")} suffix=${3:+.$3}
step_name=$name
tools=$build/bin/x86_64-tenon
prefix=$build/catalogue/prefix
export CC=$tools-gcc CXX=$tools-g++ AR=$tools-ar RANLIB=$tools-ranlib STRIP=$tools-strip PATH=$build/bin:$PATH
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

if [ -n "$suffix" ]; then
    export CC=$here/linux-compiler.sh AR=gcc-ar RANLIB=gcc-ranlib STRIP=strip
    prefix=$prefix$suffix
fi

needs=() features=console
# shellcheck source=/dev/null
source "$here/$name.sh"
work=$build/catalogue/$package

for need in "${needs[@]}"; do "$here/build.sh" "$need" "" "${3:-}"; done
if ! is_done "source-$package" "$package"; then
    fetch_source "$package" "$work"
    mark_done "source-$package" "$package"
fi

# image FILE [NAME]: what build() has linked; under another NAME, it is one more image of the program.
image() {
    [ -n "$output" ] || return 0
    if [ -n "$suffix" ]; then
        cp "$1" "$output/${2:-$name}$suffix"
        return
    fi
    cp "$1" "$output/${2:-$name}.elf"
    {
        cat "$TENON_NOTICE"
        printf '\n%s (source package %s)\n\n' "$name" "$package"
        cat "$work/src/debian/copyright"
    } >"$output/${2:-$name}.NOTICE"
}

# Compiled anew in a fresh copy when the recipe, the compiler's flags or headers are others; else only linked.
headers=$(find "$root"/userland/{include,libc/include,pthread/include} -name '*.h' -print0 | sort -z |
    xargs -0 cat | sha256sum)
key=$(key_of "$here/$name.sh" "$build/toolchain/settings.sh" "$headers")
if ! is_done "copied-$name$suffix" "$key"; then
    rm -rf "${work:?}/$name$suffix"
    cp -a "$work/src" "$work/$name$suffix"
    # One time for all: Debian's patches must not make files look older than those that they are generated from.
    find "$work/$name$suffix" -type f -exec touch -d @1 {} +
    mark_done "copied-$name$suffix" "$key"
fi
export TENON_FEATURES=$features TENON_NOTICE=$work/$name.notice
cd "$work/$name$suffix"
say "building"
# Not as a condition, in which -e would not count.
set +e
(
    set -e
    build
) >"$work/$name$suffix.log" 2>&1
status=$?
set -e
if [ $status != 0 ]; then
    tail -n 20 "$work/$name$suffix.log" >&2
    fail "failed, see $work/$name$suffix.log"
fi
say "done ($SECONDS s)"
