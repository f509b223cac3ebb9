#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The escape battery: a hostile guest on pv tries every way out, as root and as a user without any privilege.
set -uo pipefail
source "$(dirname "$0")/../lib.sh"

# Copies where an unprivileged user can reach them, whatever the permissions of the checkout.
chmod 755 "$scratch"
cp "$hv" "$scratch/hv"
cp "$root/build/tests/escape/escape.elf" "$root/build/tests/puppet" "$scratch/"
chmod 755 "$scratch/hv" "$scratch/escape.elf" "$scratch/puppet"
# A hv that the filter kills leaves no core file.
ulimit -c 0

# prefix_of USER: sets `prefix`, by which a command becomes that user's; it keeps the process id.
prefix_of() {
    prefix=()
    if [ "$1" = unprivileged ] && [ "$(id -u)" = 0 ]; then
        prefix=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
    fi
}

# guest USER CASE: runs it to its end; sets status, output and errors.
guest() {
    status=0
    prefix_of "$1"
    local vcpus=1
    case $2 in vcpus_*) vcpus=2 ;; esac
    output=$("${prefix[@]}" timeout 60 "$scratch/hv" run --accel pv --cpus $vcpus --run-dir "$scratch/run.$1" \
        "$scratch/escape.elf" -- "$2" 2>"$scratch/errors.$1" </dev/null) || status=$?
    errors=$(<"$scratch/errors.$1")
}

# The end of a guest, as one word.
end_of_guest() {
    case $status in
        0) echo harmless ;;
        20) echo trap ;;
        107)
            case $errors in
                *"forbidden system call"*) echo forbidden ;;
                *"cannot handle"*) echo dies ;;
                *"without a shutdown"*) echo leaves ;;
                *) echo "crash: $errors" ;;
            esac
            ;;
        *) echo "exit code $status, '$output' '$errors'" ;;
    esac
}

attempt() {
    local user=$1 name=$2 expected=$3 end
    guest "$user" "$name"
    end=$(end_of_guest)
    case $expected:$end in
        either:trap | either:harmless | blocked:trap | blocked:forbidden) ;;
        *) expect "end of the guest" "$end" "$expected" ;;
    esac
}

# start USER CASE [IMAGE]: a guest that does not end; sets hv_process and guest_process.
start() {
    prefix_of "$1"
    : >"$scratch/started"
    "${prefix[@]}" "$scratch/hv" run --accel pv --run-dir "$scratch/run.$1" --name endless "${3:-$scratch/escape.elf}" \
        -- "$2" \
        >"$scratch/started" 2>"$scratch/started.errors" </dev/null &
    hv_process=$!
    trap 'kill -KILL $hv_process 2>/dev/null || true' EXIT
    poll 10 grep -qE 'ing|asleep' "$scratch/started"
    guest_process=$(<"/proc/$hv_process/task/$hv_process/children")
    guest_process=${guest_process%% *}
    [ -n "$guest_process" ]
}

is_gone() { ! [ -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

interrupt_twice() {
    kill -INT "$hv_process"
    # hv says that it was asked; the second one kills.
    poll 10 grep -q 'asked to shut down' "$scratch/started.errors"
    kill -INT "$hv_process"
    local code=0
    wait "$hv_process" || code=$?
    trap - EXIT
    expect "exit code" "$code" 108
    poll 5 is_gone "$guest_process"
}

ends_when_told() {
    start "$1" "$2"
    interrupt_twice
}

dies_with_hv() {
    start "$1" "$2"
    kill -KILL "$hv_process"
    wait "$hv_process" 2>/dev/null || true
    poll 5 is_gone "$guest_process"
    # No process was left to remove it; the next hv of this name would.
    rm -r "$scratch/run.$1/endless"
}

is_confined() {
    start "$1" sleep_for_ever
    local task line range begin
    for task in "/proc/$guest_process/task/"*; do
        for line in 'NoNewPrivs:.1' 'Seccomp:.2' 'CapEff:.0000000000000000' 'CapPrm:.0000000000000000' \
            'CapInh:.0000000000000000' 'CapAmb:.0000000000000000'; do
            grep -q "^$line\$" "$task/status" || { echo "$line: $(grep "^${line%%:*}" "$task/status")" >&2; return 1; }
        done
    done
    while read -r range line; do
        begin=$((16#${range%%-*}))
        case $line in *'[vsyscall]'*) continue ;; esac
        # The guest's terabyte and the stub's two pages.
        if [ $begin -lt $((16#10000001000)) ] || [ $begin -gt $((16#20000100000)) ]; then
            echo "mapped: $range $line" >&2
            return 1
        fi
    done <"/proc/$guest_process/maps"
    if grep -E '^[0-9a-f-]+ .wx' "/proc/$guest_process/maps" >&2; then return 1; fi
    # To look at the descriptors of a process that cannot be dumped needs privilege.
    if [ "$(id -u)" = 0 ]; then
        for line in "/proc/$guest_process/fd/"*; do
            expect "${line##*/}" "$(readlink "$line")" 'anon_inode:[eventfd]'
        done
    fi
    for line in 'NoNewPrivs:.1' 'Seccomp:.2' 'CapEff:.0*' 'CapPrm:.0*' 'CapInh:.0*' 'CapAmb:.0*'; do
        grep -q "^$line\$" "/proc/$hv_process/status"
    done
    # Only a privileged process can empty this one.
    [ "$1" = unprivileged ] || grep -q '^CapBnd:.0*$' "/proc/$hv_process/status"
    grep -q '^Groups:. *$' "/proc/$guest_process/status" || [ "$1" != unprivileged ]
    interrupt_twice
}

wakes_nobody_else() {
    start "$1" sleep_for_ever
    local switches='/^voluntary_ctxt_switches/ {print $2}' before
    before=$(awk "$switches" "/proc/$guest_process/status")
    attempt "$1" wake_zone_words harmless
    expect "how often the other machine slept" "$(awk "$switches" "/proc/$guest_process/status")" "$before"
    interrupt_twice
}

keeps_its_image() {
    local own=$scratch/own.elf
    cp "$scratch/escape.elf" "$own"
    chmod 755 "$own"
    start "$1" trap_for_ever "$own"
    : >"$own"
    interrupt_twice
}

only_allowed_numbers() {
    local number alive=()
    for ((number = 0; number < 600; ++number)); do
        guest "$1" "number:$number"
        [ "$(end_of_guest)" = forbidden ] || alive+=("$number")
    done
    echo "alive: ${alive[*]}"
    # exit, restart_syscall, timer_settime; with zeros for arguments the others are refused. Later kernels let 335 and
    # 336 (uretprobe, uprobe) pass every filter.
    expect "numbers that passed" "$(printf '%s\n' "${alive[@]}" | grep -vxE '335|336' | tr '\n' ' ')" "60 219 223 "
}

# A guest reports 20,000 times that it is ready: the log of events gets one.
leaves_one_event() {
    local before after
    before=$(grep -c '"event":"ready"' "$scratch/run.$1/.events" || true)
    guest "$1" repeat_ready
    expect "end of the guest" "$(end_of_guest)" harmless
    after=$(grep -c '"event":"ready"' "$scratch/run.$1/.events")
    expect "events" $((after - before)) 1
}

# A hv that a guest has taken over: what it would do next is refused, and would work otherwise.
hv_may_not() {
    start "$1" sleep_for_ever
    local base=$scratch/run.$1 image
    rm -rf "$base/other"
    "${prefix[@]}" mkdir "$base/other"
    "${prefix[@]}" touch "$base/other/config.json" "$base/other/lock" "$base/outside"
    image=$(find "$base/.images" -type f ! -name lock | head -n 1)
    "${prefix[@]}" "$scratch/puppet" confined "$hv_process" "$base" "$image" "$base/outside" "$2"
    "${prefix[@]}" "$scratch/puppet" free - "$base" "$image" "$base/outside" "$2"
    kill -KILL "$hv_process" 2>/dev/null || true
    wait "$hv_process" 2>/dev/null || true
    rm -rf "$base/endless" "$base/other" "$base/outside"
}

leaves_nothing() {
    expect "left behind" "$(ls "$scratch/run.$1")" ""
}

# Raw frames into the user-mode network's helper, which is another way out.
raw_frames() {
    local status=0
    "$root/build/tests/raw_frames" "$root/build/hv-slirp" "$1" || status=$?
    expect "exit code" "$status" 0
}
for frames in loopback connections datagrams fragments gaps published nonsense; do
    test_case "raw frames: $frames" raw_frames "$frames"
done

users=(unprivileged)
if [ "$(id -u)" = 0 ]; then
    users=(root unprivileged)
else
    skip_case "the battery as root" "needs root: sudo make test"
fi

for user in "${users[@]}"; do
    mkdir "$scratch/run.$user"
    if [ "$user" = unprivileged ] && [ "$(id -u)" = 0 ]; then chown 65534:65534 "$scratch/run.$user"; fi
    chmod 700 "$scratch/run.$user"
    touch "$scratch/errors.$user"
    guest "$user" list
    if [ $status -ne 0 ]; then
        test_case "$user: the list of cases" expect "exit code" "$status: $errors" 0
        continue
    fi
    cases=$output
    while read -r name expected; do
        if [ "$expected" = endless ]; then
            test_case "$user: $name, ended by hv" ends_when_told "$user" "$name"
            test_case "$user: $name, hv killed" dies_with_hv "$user" "$name"
        else
            test_case "$user: $name ($expected)" attempt "$user" "$name" "$expected"
        fi
    done <<<"$cases"
    test_case "$user: the process has nothing but its memory and doorbells" is_confined "$user"
    while read -r name; do
        test_case "$user: hv, taken over: $name" hv_may_not "$user" "$name"
    done < <("$scratch/puppet" list)
    test_case "$user: a machine wakes nobody in another one of its image" wakes_nobody_else "$user"
    test_case "$user: a running guest keeps its image when the file is overwritten" keeps_its_image "$user"
    test_case "$user: of 600 system calls only the allowed pass" only_allowed_numbers "$user"
    test_case "$user: what is repeated without end leaves one event" leaves_one_event "$user"
    test_case "$user: nothing is left" leaves_nothing "$user"
done
finish
