#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs one program on Linux and on Tenon and compares the outputs, check by check. Known differences are in
# differences.txt.
source "$(dirname "$0")/../lib.sh"
program=$root/build/tests/conformance
image=$images/conformance.elf
here=$root/tests/conformance

tree=$scratch/tree
cp -a "$here/files" "$tree"
mkdir "$tree"/{dev,tmp,small}
touch "$tree"/dev/{null,zero,random,urandom}
# Read-only, as in an image.
chmod 555 "$tree" "$tree/dev"

on_linux() { timeout 60 "$root/build/tests/enter" "$tree" "$program" "$@"; }
on_tenon() {
    timeout 120 "$hv" run "$image" --accel pv --cpus "${cpus:-1}" --memory 256M --net none \
        --name "conformance-$$-$RANDOM" --kernel-options 'mount=tmpfs:/small,size=64K' -- "$@"
}

if ! on_linux none >/dev/null 2>"$scratch/refused"; then
    skip_case "conformance with Linux" "no namespaces of one's own here: $(<"$scratch/refused")"
    finish
    exit
fi

# compare LINUX TENON: a line for each check that differs without being in the list, and for each entry of the list that
# is none any more; counts the others.
compare() {
    local sum
    sum=$(awk -v list="$here/differences.txt" '
        BEGIN {
            while ((getline entry < list) > 0) {
                if (entry ~ /^#/ || entry == "") continue
                if (split(entry, part, " \\| ") != 4) { print "not ok differences.txt: no entry: " entry; bad++ }
                known[part[1] ": " part[2]] = part[3]
                unused[part[1] ": " part[2]] = 1
            }
        }
        NR == FNR { linux[FNR] = $0; lines = FNR; next }
        {
            split_at = index($0, ": ")
            if (FNR > lines || substr(linux[FNR], 1, split_at) != substr($0, 1, split_at)) {
                print "not ok check " FNR ": Linux \"" linux[FNR] "\", Tenon \"" $0 "\""
                bad++
                exit
            }
            if ($0 == linux[FNR]) { good++; next }
            result = substr($0, split_at + 2)
            if (linux[FNR] in known && known[linux[FNR]] == result) {
                good++
                delete unused[linux[FNR]]
                next
            }
            print "not ok " linux[FNR] " on Linux, " result " on Tenon"
            bad++
        }
        END {
            if (FNR < lines) { print "not ok Tenon has printed " FNR " of " lines " checks"; bad++ }
            for (entry in unused) { print "not ok differences.txt: is none: " entry; bad++ }
            print good + 0, bad + 0
        }' "$1" "$2")
    sed '$d' <<<"$sum"
    read -r good bad <<<"${sum##*$'\n'}"
    passed=$((passed + good)) failed=$((failed + bad))
    echo "ok $good checks are as on Linux"
}

on_linux >"$scratch/linux"
on_tenon >"$scratch/tenon"
compare "$scratch/linux" "$scratch/tenon"

# The same on ext4 in the place of /tmp, but for the sizes of directories, which each file system has its own way to
# count.
without_directory_sizes() { sed 's/=\(4[0-7]*,[0-9]*\),[0-9]*/=\1,-/g' "$1"; }
on_disk() {
    PATH=$PATH:/usr/sbin:/sbin
    rm -f disk.raw
    truncate --size 256M disk.raw
    mke2fs -q -t ext4 disk.raw -b 4096
    printf 'rmdir lost+found\nset_inode_field / mode 041777\n' | debugfs -w -f - disk.raw >/dev/null 2>&1
    e2fsck -fp disk.raw >/dev/null 2>&1 || true
    timeout 120 "$hv" run "$image" --accel pv --cpus "$1" --memory 256M --net none --disk disk.raw \
        --name "conformance-$$-$RANDOM" --kernel-options 'mount=tmpfs:/small,size=64K mount=ext4:/tmp,disk=vda' >on_disk
    diff <(without_directory_sizes "$scratch/tenon") <(without_directory_sizes on_disk)
    e2fsck -fn disk.raw >e2fsck 2>&1
}
test_case "on ext4 every check answers as on tmpfs" on_disk 1
test_case "on ext4 and four vCPUs too" on_disk 4

several_vcpus() {
    cpus=4 on_tenon >several
    diff "$scratch/tenon" several
}
test_case "on four vCPUs every check answers as on one" several_vcpus

links() {
    local wrong
    wrong=$("$here/links.sh" "$scratch")
    expect "headers and functions" "$wrong" ""
}
test_case "every header can be included alone, and every function that one declares can be linked" links

# Every function in the second column of docs/posix.md's tables is declared and can be linked.
documented() {
    local names name missing=
    names=$(sed -n 's/^| [^|]* | \([^|]*\) |.*/\1/p' "$root/docs/posix.md" | grep -o '`[a-z_][a-z0-9_]*`' |
        tr -d '`' | sort -u)
    [ "$(wc -w <<<"$names")" -gt 200 ]
    for name in $names; do
        # Macros, by the standard; and functions that the libraries have and Newlib's headers do not declare.
        case $name in sigsetjmp | mknod) continue ;; esac
        grep -qx -- "$name" "$scratch/declared" || missing+=" $name"
    done
    expect "in docs/posix.md and not there" "$missing" ""
}
test_case "docs/posix.md names what is there" documented

# The order of a program's end, and its exit code.
ending() {
    local linux_status=0 tenon_status=0
    on_linux --end "$1" >linux || linux_status=$?
    on_tenon --end "$1" >tenon || tenon_status=$?
    diff -u linux tenon
    expect "exit code" "$tenon_status" "$linux_status"
}
for way in order exit mixed quick other-thread threads many waits again _Exit abort code; do
    test_case "a program ends as on Linux: $way" ending "$way"
done

wrong_mounts() {
    timeout 60 "$hv" run "$image" --accel pv --memory 128M --net none --name "mounts-$$" \
        --kernel-options 'mount=ext5:/data mount=tmpfs:x mount=tmpfs:/y,siez=3' -- none >mounts 2>&1
    contains "a type that is missing" "$(<mounts)" "mount=ext5:/data is ignored: the image has no such file system"
    contains "a relative path" "$(<mounts)" "mount=tmpfs:x is ignored: the path does not begin with a slash"
    contains "a wrong key" "$(<mounts)" "mount=tmpfs:/y is ignored: there is an unknown or wrong option"
}
test_case "a wrong mount= is ignored, and named with its reason" wrong_mounts

# The image without the network.
apart() {
    timeout 60 "$hv" run "$images/apart.elf" --accel pv --cpus "${cpus:-1}" --memory 64M --net none --name "apart-$$" \
        -- "$@" 2>&1
}

local_alone() { expect "output" "$(apart local)" $'local\nof IP: EAFNOSUPPORT'; }
test_case "pipes, local sockets and epoll need no network; sockets of IP are refused without it" local_alone

absent() {
    local output name
    output=$(apart absent)
    for name in setpgid fork posix_spawn dlopen; do
        expect "lines about $name" "$(grep -c "posix: $name is not there" <<<"$output")" 1
    done
    expect "dlerror" "$(grep -c '^dlerror: .*link the library' <<<"$output")" 2
    contains "syslog" "$output" "apart[1]: warning: a file: No such file or directory, 100%"
    not grep "not to be seen" <<<"$output"
}
test_case "a function that is not there fails with ENOSYS, and says so once" absent

# asked_to_stop WAY CODE TEXT: hv asks the machine to stop.
asked_to_stop() {
    local status=0 process
    rm -f asked
    "$hv" run "$images/apart.elf" --accel pv --cpus "${cpus:-1}" --memory 64M --net none --name "apart-$$" \
        -- "$1" >asked 2>asked.err &
    process=$!
    poll 20 grep -q '^waiting' asked
    timeout 20 "$hv" stop "apart-$$"
    wait "$process" || status=$?
    expect "exit code" "$status" "$2"
    expect "output" "$(<asked)" "waiting${3:+$'\n'}$3"
}
for several in 1 4; do
    cpus=$several test_case "hv's request to stop reaches a handler of SIGTERM ($several vCPUs)" \
        asked_to_stop handler 5 handled
    cpus=$several test_case "hv's request to stop reaches a signalfd of SIGTERM ($several vCPUs)" \
        asked_to_stop descriptor 6 "read 15"
done
test_case "without a handler of SIGTERM the machine stops at once" asked_to_stop taken-back 0 ""

# A network of loopback alone, on both.
sockets() {
    unshare --net --map-root-user sh -c 'ip link set lo up && exec "$0"' "$root/build/tests/sockets" >linux 2>&1
    timeout 120 "$hv" run "$images/sockets.elf" --accel pv --cpus "$1" --memory 128M --net none \
        --name "sockets-$$" >tenon
    [ "$(wc -l <linux)" -gt 500 ]
    diff -u linux tenon
}
test_case "sockets behave as on Linux" sockets 1
test_case "sockets behave as on Linux on four vCPUs" sockets 4

finish
