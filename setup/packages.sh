#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing of the machine's packages, in one call.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

packages=(
    # Compilers and what the builds call.
    build-essential g++ make binutils dpkg-dev pkg-config patch xz-utils cpio
    # What the guest is made of; the kernel's headers bring virtio's layouts.
    newlib-source gcc-12-source linux-libc-dev
    # The UEFI loader, and disks with it.
    gnu-efi mtools fdisk
    # Libraries of hv.
    libcli11-dev nlohmann-json3-dev libfmt-dev libseccomp-dev libslirp-dev libhttp-parser-dev libmd-dev liburing-dev
    libzstd-dev zlib1g-dev
    # Tests: unit, fuzz, system with real clients, foreign and nested machines.
    catch2 clang-16 libclang-rt-16-dev libbenchmark-dev
    curl wrk socat libvirt-clients libvirt-daemon-system libvirt-daemon-driver-qemu iproute2 iputils-ping
    netcat-openbsd dnsmasq-base python3-scapy jq procps util-linux man-db qemu-system-x86 busybox-static zstd kmod
    gdb linux-perf strace
    # File systems that Linux made and checks.
    e2fsprogs
    # Tests of UEFI, Secure Boot and disk formats.
    ovmf sbsigntool openssl qemu-utils
    # A browser looks at pvbench's report; fonts for it.
    chromium-headless-shell fonts-dejavu-core
    # Programs of others: their build systems, and what SQLite's sources are made with.
    autoconf cmake meson tcl redis-tools
    # make bench
    hyperfine fio
    # make format, make lint
    clang-format clang-tidy-16 shellcheck shfmt
)

missing=()
installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
for package in "${packages[@]}"; do
    grep -qxF "$package installed" <<<"$installed" || missing+=("$package")
done

if [ ${#missing[@]} = 0 ]; then
    exit 0
fi

install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

say "installing ${#missing[@]} packages (about 60 s): ${missing[*]}"
log=$build/packages.log
# Lists that are absent or stale are the usual reason to fail: only then are they fetched.
if ! install >"$log" 2>&1; then
    say "fetching the package lists"
    as_root apt-get update >>"$log" 2>&1 || true
    if ! install >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        fail "apt-get could not install the packages, see $log"
    fi
fi
say "done ($SECONDS s)"
