#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the nested machine's initial file system: initramfs.sh FILE. It has hv, the images, the tests, busybox and bash,
# laid out as in the repository, and the shared libraries that they need.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(realpath -m "$1")
nested=build/nested
tree=$(mktemp -d "${TMPDIR:-/tmp}/tenon-nested.XXXXXX")
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

mkdir -p "$tree"/{bin,dev,proc,sys,tmp,run,lib64,modules,tenon/build/images,tenon/tests/nested}
cp tests/nested/init "$tree/init"
cp tests/lib.sh "$tree/tenon/tests/"
cp tests/nested/cases.sh tests/nested/clock_cases.sh tests/nested/crash_cases.sh "$tree/tenon/tests/nested/"
cp "$nested/busybox" "$tree/bin/"
cp "$nested"/modules/* "$tree/modules/"
cp "$(command -v bash)" "$(command -v setpriv)" "$tree/bin/"
# Debug information is most of their size; what is left names functions.
for program in hv hv-slirp; do strip --strip-debug -o "$tree/tenon/build/$program" "build/$program"; done
mkdir -p "$tree/tenon/build/tests"
for program in clock kvm_monitor; do
    strip --strip-debug -o "$tree/tenon/build/tests/$program" "build/tests/$program"
done
for image in build/images/*.elf; do strip --strip-debug -o "$tree/tenon/$image" "$image"; done

libraries=$(ldd "$tree"/bin/{bash,setpriv} "$tree/tenon/build/hv-slirp" | grep -o '/[^ ]*' | grep -v ':$' | sort -u)
for library in $libraries; do
    mkdir -p "$tree$(dirname "$library")"
    cp "$library" "$tree$library"
done

# Not compressed: unpacking costs the emulated processor more than reading.
(cd "$tree" && find . | cpio --quiet -o -H newc) >"$target"
