#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hv's kvm accelerator on a machine without VT-x: QEMU's TCG emulates a processor with SVM, Debian's cloud kernel runs
# on it, and hv on that. One boot for all cases (cases.sh, which runs inside).
set -uo pipefail
cd "$(dirname "$0")/../.."
nested=build/nested
mkdir -p build/tests
# Of its own, as another run may go on at the same time; the console and the results stay where the logs are.
work=$(mktemp -d build/tests/nested.XXXXXX)
machine=
clean_up() {
    if [ -n "$machine" ]; then kill -KILL "$machine" 2>/dev/null; fi
    mkdir -p build/tests/logs
    # There is none where the tier is skipped.
    if [ -e "$work/console" ]; then mv -f "$work/console" build/tests/logs/nested.console; fi
    rm -rf "$work"
}
trap clean_up EXIT

skip_all() {
    echo "skip nested: $1"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
command -v qemu-system-x86_64 >/dev/null || skip_all "there is no qemu-system-x86_64"
[ -f "$nested/vmlinuz" ] || skip_all "there is no kernel in $nested (setup/nested.sh)"

tests/nested/initramfs.sh "$work/initramfs" || {
    echo "the initial file system could not be made"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

# boot CASES: in the background, with CASES separated by commas. The kernel's console, the results and the heartbeat
# have a serial port each. No network card: it would boot from it first.
boot() {
    : >"$work/results"
    : >"$work/heartbeat"
    qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1G -M q35 -nodefaults -display none -no-reboot \
        -serial "file:$work/console" -serial "file:$work/results" -serial "file:$work/heartbeat" \
        -kernel "$nested/vmlinuz" -initrd "$work/initramfs" \
        -append "console=ttyS0 quiet panic=-1 rdinit=/init cases=$1" </dev/null &
    machine=$!
}

# The emulated processors sometimes spin for ever, and not even the kernel's watchdogs run any more: no case can reach
# its deadline then. A machine stands still whose heartbeat or whose results did not grow for so many seconds; no case
# takes as long as the latter.
heartbeat_limit=60 results_limit=600
size_of() { stat -c %s "$work/$1"; }
# Waits for the machine's end; fails if it stood still and was ended.
machine_ends() {
    local heartbeat=-1 results=-1 beat_at=$SECONDS result_at=$SECONDS
    while kill -0 "$machine" 2>/dev/null; do
        if [ "$(size_of heartbeat)" != "$heartbeat" ]; then heartbeat=$(size_of heartbeat) beat_at=$SECONDS; fi
        if [ "$(size_of results)" != "$results" ]; then results=$(size_of results) result_at=$SECONDS; fi
        if ((SECONDS - beat_at > heartbeat_limit || SECONDS - result_at > results_limit)); then
            kill -KILL "$machine"
            wait "$machine" 2>/dev/null
            machine=
            return 1
        fi
        sleep 0.5
    done
    local status=0
    wait "$machine" || status=$?
    machine=
    return $status
}

# cases_left: those that the machine was to run and that have no result, separated by commas.
cases_left() {
    local name left=
    for name in $(sed -n 's/^# cases: //p' "$work/results.text" | head -n 1); do
        grep -qxE "(not )?ok kvm_$name" "$work/results.text" || left+=,$name
    done
    echo "${left#,}"
}

# A machine that stood still is booted again for the cases that are left. One that stops it twice is to blame itself.
cases=${NESTED_CASES:-} blamed=nothing
: >"$work/results.text"
while :; do
    boot "$cases"
    status=0
    machine_ends || status=$?
    tr -d '\r' <"$work/results" | grep -vE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' >>"$work/results.text"
    cases=$(cases_left)
    if [ -z "$cases" ] && grep -q '^# cases:' "$work/results.text"; then break; fi
    suspect=${cases%%,*}
    if [ "$suspect" != "$blamed" ]; then
        blamed=$suspect
        echo "# the emulated machine stopped (status $status) in ${suspect:-its boot}: it goes on from there"
        continue
    fi
    {
        echo "not ok kvm_${suspect:-boot}"
        echo "    the nested machine stopped in it twice (status $status); the end of its console:"
        tail -n 20 "$work/console" | sed 's/^/    /'
    } >>"$work/results.text"
    cases=$(cases_left)
    if [ -z "$cases" ]; then break; fi
done

grep -v '^# cases: ' "$work/results.text"
count() { grep -c "^$1 " "$work/results.text"; }
echo "$(count ok) passed, $(count 'not ok') failed, $(count skip) skipped"
[ "$(count 'not ok')" = 0 ]
