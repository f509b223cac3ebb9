#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packs a bare Debian 12, what a person has who follows README: debootstrap's smallest, with make, git, certificates and
# sudo. Result: build/fresh/bare.tar. Needs root.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

release=bookworm
# apt's own list of what it is configured to fetch knows both formats of its files.
targets=$(apt-get indextargets --format "\$(RELEASE) \$(COMPONENT) \$(REPO_URI)" 'Created-By: Packages')
mirror=$(awk -v release=$release '$1 == release && $2 == "main" {print $3; exit}' <<<"$targets")
[ -n "$mirror" ] || fail "this machine's apt knows no archive of Debian's $release: add one to /etc/apt"
key=$(key_of "$0" "$targets")
if is_done fresh "$key" && [ -f "$build/fresh/bare.tar" ]; then exit 0; fi
[ "$(id -u)" = 0 ] || fail "a root file system can only be made by root: sudo make test-fresh"

install_debootstrap() {
    # Lists that are absent or stale are the usual reason to fail.
    apt-get install -y --no-install-recommends debootstrap || {
        apt-get update
        apt-get install -y --no-install-recommends debootstrap
    }
}

work=$build/fresh/bare
rm -rf "$work"
mkdir -p "$work"
if ! command -v debootstrap >/dev/null; then
    say "installing debootstrap"
    install_debootstrap >"$build/fresh/debootstrap.log" 2>&1 || {
        tail -n 10 "$build/fresh/debootstrap.log" >&2
        fail "apt-get could not install debootstrap, see $build/fresh/debootstrap.log"
    }
fi
say "fetching Debian's $release (about 60 s)"
debootstrap --variant=minbase --include=make,git,ca-certificates,sudo $release "$work" "$mirror" \
    >"$build/fresh/debootstrap.log" 2>&1 || {
    tail -n 10 "$build/fresh/debootstrap.log" >&2
    fail "debootstrap failed, see $build/fresh/debootstrap.log"
}

# It asks the archives that this machine asks, in the same way.
rm -f "$work"/etc/apt/sources.list "$work"/var/cache/apt/archives/*.deb
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
    /etc/apt/trusted.gpg.d/*; do
    [ ! -f "$file" ] || install -D -m 644 "$file" "$work$file"
done
apt-config dump | grep '^Acquire::[^ ]* "[^"]' >"$work/etc/apt/apt.conf.d/90acquire" || true
# Nothing here has to survive a loss of power.
echo force-unsafe-io >"$work/etc/dpkg/dpkg.cfg.d/unsafe-io"
useradd --root "$work" --create-home --shell /bin/bash user
echo 'user ALL=(ALL) NOPASSWD: ALL' >"$work/etc/sudoers.d/user"

tar -C "$work" -cf "$build/fresh/bare.tar.new" .
mv "$build/fresh/bare.tar.new" "$build/fresh/bare.tar"
rm -rf "$work"
say "done ($SECONDS s)"
mark_done fresh "$key"
