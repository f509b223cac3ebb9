#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes an initial file system in which pvbench is Linux's first process: initramfs.sh PROGRAM FILE. The modules of
# virtio's drivers are loaded in the order of their names.
set -euo pipefail
program=$(realpath "$1") target=$(realpath -m "$2")
modules=$(cd "$(dirname "$0")/../../build/nested/modules" && pwd)
tree=$(mktemp -d "${TMPDIR:-/tmp}/tenon-pvbench.XXXXXX")
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
mkdir "$tree"/{dev,proc,sys,modules}
# Debug information would be unpacked into the guest's memory.
strip -o "$tree/init" "$program"
number=10
while read -r module; do
    case $module in
        virtio*.ko | failover.ko | net_failover.ko) cp "$modules/$module" "$tree/modules/$number-$module" ;;
    esac
    number=$((number + 1))
done <"$modules/order"
# Not compressed: unpacking costs an emulated processor more than reading.
(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$target"
