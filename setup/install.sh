#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs hv, its helper, manual page and completions, and in lib/tenon what a program is built with; or removes what
# it installed.
#   setup/install.sh install|uninstall PREFIX [DESTDIR]
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
what=$1 prefix=${2%/} destination=${3:-}
build=${TENON_BUILD:-build}
# Below lib/tenon files stand as in the source tree and its build folder, so that tenon.mk is the same in both.
tenon=$prefix/lib/tenon
# What was made outside of lib/tenon, a path in a line: files, and folders that were not there before.
list=$destination$tenon/installed

fail() {
    printf 'make %s: %s\n' "$what" "$*" >&2
    exit 1
}
case $destination$prefix in
    /*) ;;
    *) fail "PREFIX is '$prefix' and DESTDIR is '$destination', expected an absolute path" ;;
esac
# make could not use tenon.mk there, nor systemd hv@.service.
unusable='[[:space:]&|;:#$%"'"'"'\\]'
if [ "$what" = install ] && [[ $prefix =~ $unusable ]]; then
    fail "PREFIX is '$prefix', expected a path without spaces, quotes and & | ; : # \$ % \\"
fi

# folder PATH: made if there is none, and noted.
folder() {
    if [ -d "$destination$1" ]; then return; fi
    folder "$(dirname "$1")"
    mkdir "$destination$1" || fail "no folder '$destination$1' can be made (as root, or with another PREFIX?)"
    made+=("$1")
}
# put MODE FILE PATH
put() {
    folder "$(dirname "$3")"
    # Not over what is there: a program that runs keeps its file.
    rm -f "$destination$3"
    cp "$2" "$destination$3" || fail "'$destination$3' cannot be written (as root, or with another PREFIX?)"
    chmod "$1" "$destination$3"
    made+=("$3")
}
# remove_installed: the last made is the first removed; folders that others use stay.
remove_installed() {
    local paths path
    mapfile -t paths < <(tac "$list")
    rm -rf "$destination$tenon"
    for path in "${paths[@]}"; do
        if [ ! -d "$destination$path" ] || [ -L "$destination$path" ]; then
            rm -f "$destination$path"
        else
            rmdir --ignore-fail-on-non-empty "$destination$path"
        fi
    done
}

if [ "$what" = uninstall ]; then
    [ -f "$list" ] ||
        fail "nothing of Tenon is in '$destination$prefix' (was it installed with another PREFIX or DESTDIR?)"
    remove_installed
    exit
fi

# Another version may have other files.
if [ -f "$list" ]; then remove_installed; fi
made=()
text=$(mktemp)
trap 'rm -f "$text"' EXIT
if [ -n "$destination" ]; then mkdir -p "$destination"; fi
folder "$tenon"
put 755 "$build/hv" "$prefix/bin/hv"
# Its symbols are for who works on hv.
strip "$destination$prefix/bin/hv"
put 755 "$build/hv-slirp" "$prefix/libexec/tenon/hv-slirp"
"$build/hv" man >"$text"
put 644 "$text" "$prefix/share/man/man1/hv.1"
"$build/hv" completion bash >"$text"
put 644 "$text" "$prefix/share/bash-completion/completions/hv"
"$build/hv" completion fish >"$text"
put 644 "$text" "$prefix/share/fish/vendor_completions.d/hv.fish"
sed "s|@PREFIX@|$prefix|" setup/hv@.service >"$text"
put 644 "$text" "$prefix/lib/systemd/system/hv@.service"
# Where these say what is in the source tree and its build folder, they say what is installed.
root=$PWD full_build=$(realpath "$build")
installed_places() {
    sed -e "s|$full_build/hv|$prefix/bin/hv|g; s|$full_build/bin/|$prefix/bin/|g; s|$full_build|$tenon|g" \
        -e "s|$root|$tenon|g" "$1" >"$text"
}
for file in "$build"/bin/x86_64-tenon-*; do
    installed_places "$file"
    put 755 "$text" "$prefix/bin/${file##*/}"
done
printf '%s\n' "${made[@]}" >"$list"

# Times stay what they are: a program is built anew when what it is built with is another.
copy() { cp -r --parents --preserve=timestamps --no-preserve=mode,ownership "$@" "$destination$tenon"; }
copy tenon.mk LICENSE setup/guest-flags.mk setup/records.mk images/{features,rules}.mk \
    images/{archive,carry,disk,link,notice,relinkable}.sh kernel/boot/image.ld \
    userland/{include,libc/include,pthread/include}
chmod 755 "$destination$tenon"/images/*.sh
mkdir -p "$destination$tenon/toolchain/Platform"
for file in settings.sh tenon.cmake tenon.ini Platform/Tenon.cmake; do
    installed_places "$build/toolchain/$file"
    cp "$text" "$destination$tenon/toolchain/$file"
    chmod 644 "$destination$tenon/toolchain/$file"
done
cd "$build"
copy sysroot .stamps/{newlib,libstdcxx,virtio-headers,json-headers} guest/*.a guest/ext2fs-source.tar.gz \
    loader/loader.so
