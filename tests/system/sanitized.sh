# SPDX-License-Identifier: Apache-2.0
# Real guests on an hv and a helper under AddressSanitizer and UndefinedBehaviorSanitizer, which
# tests/sanitized/sanitized.mk builds. A case fails if one of them reports anything.

sanitized=$root/build/tests/sanitized
hv=$sanitized/hv
reports=$scratch/reports
mkdir "$reports"
# hv reports into files, also when it is detached; its helper, which has no environment, on hv's standard error.
export ASAN_OPTIONS=log_path=$reports/report:quarantine_size_mb=16 UBSAN_OPTIONS=log_path=$reports/report
errors=$reports/helper

# no_report: neither a file of the sanitizers nor one of their lines in the messages of the case's machines.
no_report() {
    local file
    for file in "$reports"/report.*; do
        if [ -s "$file" ]; then
            cat "$file" >&2
            return 1
        fi
    done
    # shellcheck disable=SC2046 # no spaces in these names
    not grep -hE -A 20 'Sanitizer|runtime error: ' /dev/null $(find . -maxdepth 1 -name '*.err') "$errors"
}
# sanitized_case NAME FUNCTION, and the same for what needs root.
without_report() {
    rm -f "$reports"/report.* ./*.err
    : >"$errors"
    # If the case fails, the report says why.
    at_end no_report
    "$@"
    no_report
}
sanitized_case() { test_case "$1" without_report "$2"; }
sanitized_root_case() { root_case "$1" "$2" without_report "$3"; }

# A signal that means a stray access makes each of them write a report, which is seen.
would_report() {
    rm -f ./*.err
    : >"$errors"
    no_report
    start faulty --net user "$behave" -- wait
    kill -SEGV "$(pgrep -P "$machine" hv-slirp)"
    poll 20 grep -q AddressSanitizer faulty.err
    status_of no_report
    expect "status for the helper's report" "$status" 1
    rm faulty.err
    stop "$machine" SEGV
    status_of no_report
    expect "status for hv's report" "$status" 1
    contains "hv's report" "$output" "AddressSanitizer: SEGV"
    rm "$reports"/report.*
}
test_case "a stray access of hv, or of its helper, is reported" would_report

# stored ADDRESS SIZE: as much goes to the guest, through its disk, and back.
stored() {
    head -c "$2" /dev/urandom >there
    timeout 60 socat -t 60 STDIO "TCP:$1" <there >back
    cmp there back
}
address_in() { sed -n 's#.*\(127.0.0.1:[0-9]*\).*#\1#p' "$1" | head -n 1; }

user_network_and_disk() {
    truncate --size 32M data.raw
    start both --net user,0:80 --disk data.raw "$behave" -- store
    local address size
    poll 20 grep -q 'http://' both.err
    address=$(address_in both.err)
    for size in 1 65536 5000000; do stored "$address" "$size"; done
    cmp --bytes 5000000 there data.raw
    stop "$machine"
    expect "exit code" "$status" 0
}
sanitized_case "data goes through user-mode network and disk, both ways" user_network_and_disk

# Large frames both ways; ordinary calls instead of io_uring.
tap_and_disk() {
    with_tap
    truncate --size 32M data.raw
    cat >drive.json <<END
{"boot-source": {"kernel_image_path": "$behave", "boot_args": "-- store"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 64},
 "drives": [{"drive_id": "data", "path_on_host": "data.raw", "is_root_device": false, "is_read_only": false,
             "io_engine": "Sync"}]}
END
    ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --name both --boot-report --net tap=tap0 \
        --ip 10.0.0.2/24,10.0.0.1 --config drive.json >both.out 2>both.err </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' both.err
    head -c 20000000 /dev/urandom >there
    in_namespace timeout 60 socat -t 60 STDIO TCP:10.0.0.2:80 <there >back
    cmp there back
    stop "$machine"
    expect "exit code" "$status" 0
}
sanitized_root_case "a network namespace" "data goes through TAP and disk, both ways" tap_and_disk

floods() {
    with_tap
    tap_machine flooded
    in_namespace "$root/build/tests/flood" tap0 syn 1000000 2000
    in_namespace wrk -t 1 -c 32 -d 1s http://10.0.0.2/ >wrk.out
    not grep -q -e 'Socket errors' -e 'Non-2xx' wrk.out
    stop "$machine"
    expect "exit code" "$status" 0
}
sanitized_root_case "a network namespace" "a flood of connections over TAP" floods

blocks() {
    truncate --size 4M b.raw
    contains "pattern" "$(hv_run --disk b.raw "$behave" -- disk verify 2>disk.err)" verified
}
sanitized_case "a whole disk in odd sizes" blocks

# Console, agent, balloon, control socket, supervisor, and all commands that look at a machine.
commands() {
    detach looked "$images/httpd.elf" --net user,0:80
    poll 20 test -S "$RUN/looked/agent.sock"
    local command
    for command in info stat memory; do
        hv_at "$command" looked >/dev/null
        hv_at "$command" --json looked | jq -e . >/dev/null
    done
    contains "metrics" "$(hv_at metrics)" 'tenon_up{machine="looked"} 1'
    hv_at top >/dev/null
    expect "agent" "$(agent looked guest-ping)" "{}"
    balloon looked 8M --wait >/dev/null
    balloon looked 0 --wait >/dev/null
    hv_at reclaim looked
    hv_at pause looked
    hv_at resume looked
    hv_at reboot looked
    get looked /vm/config | jq -e . >/dev/null
    hv_at logs looked >/dev/null
    hv_at stop looked
    hv_at start looked
    hv_at stop looked
    hv_at events looked >/dev/null
    hv_at rm looked
}
sanitized_case "the commands, of a detached machine" commands

ends() {
    local core
    for core in abort throw fault overflow; do
        status_of hv_run --core "$core.core" "$behave" -- "$core"
        expect "exit code of $core" "$status" 107
        [ -s "$core.core" ]
    done
    status_of hv_run --watchdog 0.5 "$behave" -- masked
    expect "exit code of a hang" "$status" 107
    contains "report" "$output" "hung: "
}
sanitized_case "crashes with core files, and a hang" ends

# The hostile guest of the escape battery, here with a network and a disk.
hostile() {
    local name=$1
    rm -f hostile.raw
    truncate --size 2M hostile.raw
    status=0
    timeout 120 "$hv" run --run-dir "$RUN" --accel pv --disk hostile.raw --net user \
        "$root/build/tests/escape/escape.elf" -- "$name" >hostile.out 2>hostile.err </dev/null || status=$?
    expect "exit code" "$status" 0
    # Rings that are nearly right reach the disk.
    if [ "$name" = nearly_right_rings ]; then [ "$(stat --format %b hostile.raw)" -gt 0 ]; fi
}
for name in nearly_right_rings random_rings random_hypercalls write_nonsense lying_balloon configure_beyond \
    storm_doorbells saturate_doorbell; do
    eval "hostile_$name() { hostile $name; }"
    sanitized_case "a hostile guest: $name" "hostile_$name"
done

# A guest's raw frames, straight into the helper.
# Not those that bound the helper's memory: under sanitizers it holds more.
for name in loopback datagrams published nonsense; do
    eval "frames_$name() { \"\$root/build/tests/raw_frames\" \"\$sanitized/hv-slirp\" $name 2>\"\$errors\"; }"
    sanitized_case "raw frames: $name" "frames_$name"
done

test_case "machines under sanitizers leave nothing behind" nothing_left
