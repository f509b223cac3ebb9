#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copies headers of the machine's linux-libc-dev, and what they include, into the sysroot: <linux/virtio_ring.h> and so
# on, and the layout of a signal frame, which is an interrupt's on pv.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

key=$(key_of "$0" "$(version_of linux-libc-dev)")
if is_done virtio-headers "$key"; then exit 0; fi

# The compiler says what the headers need of the same package: all below linux/, asm/ and asm-generic/.
cd /usr/include
needed=$(for header in linux/virtio_*.h asm/sigcontext.h; do echo "#include <$header>"; done |
    "$(flag GUEST_CC)" -E -M -x c - |
    grep -o '/usr/include/[^ ]*' | sed -n -E 's#^/usr/include/(([^/]+-linux-gnu/)?(linux|asm|asm-generic)/.*)#\1#p' |
    sort -u)
[ -n "$needed" ] || fail "found no virtio headers in /usr/include/linux"
for header in $needed; do
    # asm/ stands in the machine's folder, whose name the guest does not know.
    install -D -m 644 "$header" "$sysroot/include/${header#*-linux-gnu/}"
done
# C++ needs two changes: `class` is no name there, and the legacy ring has conversions that C++ lacks. Tenon is modern
# only anyway.
sed -i -E -e 's/^(\s*__u8 class);/\1_;/' \
    -e 's/^#ifndef (VIRTIO_[A-Z]+_NO_LEGACY)/#if !defined(\1) \&\& !defined(__tenon__)/' \
    "$sysroot"/include/linux/virtio_*.h
say "done ($(wc -w <<<"$needed") headers)"
mark_done virtio-headers "$key"
