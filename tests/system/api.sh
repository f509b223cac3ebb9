# SPDX-License-Identifier: Apache-2.0
# The control socket, `hv stat`, and the configuration file.

describes_itself() {
    start api --memory 32M "$behave" -- wait
    expect "state" "$(get api / | jq -r .state)" Running
    expect "id" "$(get api / | jq -r .id)" api
    expect "version" "$(get api /version | jq -r 'has("firecracker_version")')" true
    expect "memory" "$(get api /vm/config | jq '."machine-config".mem_size_mib')" 32
    expect "image" "$(get api /vm/config | jq -r '."boot-source".kernel_image_path')" "$behave"
    stop "$machine"
}
test_case "the control socket describes the machine" describes_itself

counts() {
    start counts "$behave" -- wait
    local first second
    first=$(get counts /stats)
    contains "names" "$first" hypercall
    second=$("$hv" stat --run-dir "$RUN" counts)
    contains "hv stat" "$second" hypercall.calls
    contains "hv stat" "$second" guest_cpu
    expect "hv stat --json is JSON" "$("$hv" stat --run-dir "$RUN" --json counts | jq -r type)" object
    stop "$machine"
}
test_case "counters are shown by /stats and by hv stat" counts

refuses() {
    start refuses "$behave" -- wait
    expect "unknown path" "$(code_of refuses /nowhere)" 404
    expect "wrong method" "$(code_of refuses / --request DELETE)" 405
    contains "reason" "$(get refuses /nowhere)" fault_message
    # What is no HTTP at all ends the connection, not hv.
    head -c 100000 /dev/urandom | timeout 5 nc -N -U "$RUN/refuses/api.sock" >/dev/null 2>&1 || true
    expect "still there" "$(code_of refuses /)" 200
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "the control socket refuses what it does not know, and survives" refuses

configuration() {
    cat >machine.json <<EOF
{"boot-source": {"kernel_image_path": "$behave", "boot_args": "-- arguments from-file"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 32}}
EOF
    contains "output" "$(hv_run --config machine.json)" "[from-file]"
}
test_case "a machine starts from a configuration file" configuration

# An idle machine is asleep: no wake-ups of the guest between two looks, beyond those of the looks themselves.
sleeps() {
    start sleeps "$images/idle.elf"
    local before after
    before=$(get sleeps /stats | jq .hypercall.calls)
    [ "$before" -gt 0 ]
    get sleeps /stats >/dev/null
    after=$(get sleeps /stats | jq .hypercall.calls)
    expect "hypercalls of an idle machine between two looks" "$((after - before))" 0
    stop "$machine"
}
test_case "an idle machine makes no hypercalls" sleeps
