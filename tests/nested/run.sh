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
keep_console() {
    mkdir -p build/tests/logs
    # There is none where the tier is skipped.
    if [ -e "$work/console" ]; then mv -f "$work/console" build/tests/logs/nested.console; fi
    rm -rf "$work"
}
trap keep_console EXIT

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

# The kernel's console and the results have a serial port each. No network card: it would boot from it first.
boot() {
    timeout --kill-after=5 "${NESTED_TIMEOUT:-420}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1G \
        -M q35 -nodefaults -display none -no-reboot -serial "file:$work/console" -serial "file:$work/results" \
        -kernel "$nested/vmlinuz" -initrd "$work/initramfs" \
        -append "console=ttyS0 quiet panic=-1 rdinit=/init cases=${NESTED_CASES:-}" </dev/null
}
# The emulated processors sometimes spin for ever, and not even the kernel's watchdogs run any more: no case can reach
# its deadline then. A case that hangs by itself hangs again, and is reported.
for attempt in 1 2 3; do
    status=0
    boot || status=$?
    if [ $status != 124 ] || [ $attempt = 3 ]; then break; fi
    echo "# the emulated machine stood still after: $(tail -n 1 "$work/results" | tr -d '\r'); once more from the start"
done

tr -d '\r' <"$work/results" >"$work/results.text"
sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$work/results.text" | tail -n 1)
grep -vxF -- "$sum" "$work/results.text"
if [ -z "$sum" ]; then
    echo "the nested machine ended with status $status before its sum; the end of its console:"
    tail -n 20 "$work/console"
    sum="$(grep -c '^ok ' "$work/results.text") passed, 1 failed, 0 skipped"
fi
echo "$sum"
[[ $sum == *" 0 failed,"* ]]
