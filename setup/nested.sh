#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fetches Debian's cloud kernel for the nested tests and pvbench: the kernel, modules for KVM and virtio, and a static
# busybox. Nothing is installed. Results: build/nested/{vmlinuz,busybox,modules/*.ko,modules/order}.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

meta=linux-image-cloud-amd64
# The archive moves on to new kernels. What has been fetched stays: a test does not need the newest.
key=$(key_of "$0")
if is_done nested "$key"; then exit 0; fi

work=$build/nested
rm -rf "$work"
mkdir -p "$work/modules"
package=$(apt-cache depends "$meta" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
[ -n "$package" ] || fail "apt does not know $meta: run apt-get update"

say "fetching $package"
# apt may want to drop its rights for the download, and could then not write here.
(cd "$work" && apt-get -o APT::Sandbox::User=root download "$package" >"$work/apt.log" 2>&1) || {
    tail -n 10 "$work/apt.log" >&2
    fail "apt-get could not fetch $package"
}
say "unpacking"
dpkg-deb -x "$work/$package"_*.deb "$work/package"
cp "$work"/package/boot/vmlinuz-* "$work/vmlinuz"
# Not in the path of every user.
PATH=$PATH:/usr/sbin:/sbin
tree=$(echo "$work"/package/lib/modules/*)
depmod -b "$work/package" "$(basename "$tree")"

# In the order in which they are loaded, each after what it needs. What is built into the kernel has no file, and is
# left out.
wanted=(kvm kvm-amd kvm-intel tun virtio_pci virtio_mmio virtio_net virtio_blk virtio_console virtio_balloon)
release=$(basename "$tree")
for module in "${wanted[@]}"; do
    modprobe -d "$work/package" -S "$release" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r file; do
    name=$(basename "$file")
    cp "$file" "$work/modules/$name"
    echo "$name"
done >"$work/modules/order"
grep -qx 'kvm-amd.ko' "$work/modules/order" || fail "$package has no KVM modules"
cp "$(command -v busybox)" "$work/busybox"
rm -rf "$work/package" "$work"/*.deb
say "done ($SECONDS s)"
mark_done nested "$key"
