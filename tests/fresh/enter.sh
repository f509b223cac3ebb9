#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command in a root file system, as on a machine that has nothing else: enter.sh ROOT USER COMMAND
# Its mounts and its processes are in namespaces of their own, so that none of them outlives the command. The root is
# changed by pivot_root: in a chroot no user namespace can be made.
set -euo pipefail
root=$1 user=$2 command=$3

if [ "${TENON_FRESH_INSIDE:-}" = "" ]; then
    # All processes end with the calling one, however that ends.
    exec env TENON_FRESH_INSIDE=1 setpriv --pdeathsig KILL \
        unshare --mount --propagation private --pid --fork --kill-child "$0" "$@"
fi

mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm
mount -t tmpfs -o mode=755,nosuid,nodev run run
mount -t tmpfs -o mode=1777,nosuid,nodev tmp tmp
# Packages are fetched once for all roots.
if [ -n "${TENON_FRESH_ARCHIVES:-}" ]; then mount --bind "$TENON_FRESH_ARCHIVES" var/cache/apt/archives; fi
for file in resolv.conf hosts hostname; do
    if [ -f "/etc/$file" ]; then cp -L "/etc/$file" "etc/$file"; fi
done

pivot_root . .
umount -l .
cd /
# The command gets nothing of this environment but the tester's variables for make. The first process of a namespace
# adopts orphans, so it stays a shell.
status=0
setpriv --reuid "$user" --regid "$user" --init-groups --reset-env \
    env TERM=dumb ${TIERS+"TIERS=$TIERS"} ${SUBJECTS+"SUBJECTS=$SUBJECTS"} bash -c "cd && $command" </dev/null ||
    status=$?
exit $status
