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
    # Input that is not HTTP ends the connection, not hv.
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

# The output of /vm/config works as --config, and starts the same machine with all of its options.
configuration_again() {
    truncate -s 1M again.raw
    start again --memory 40M --memory-reservation 16MB --memory-limit 32MiB --memory-shares 7 --memory-cgroup none \
        --watchdog 60 --core again.core \
        --net user,0:80,0:7,host-loopback,mac=02:00:00:00:00:07,mtu=1400 --ip 10.0.2.20/24,10.0.2.2 \
        --disk again.raw,ro \
        --env 'WORDS=two words' --kernel-options hostname=again "$behave" -- wait 'two words'
    get again /vm/config >again.json
    cmp again.json "$RUN/again/config.json"
    stop "$machine"
    # From another directory: paths are whole.
    mkdir -p elsewhere
    rm again.err
    (cd elsewhere && exec "$hv" run --config ../again.json </dev/null >../again.out 2>../again.err) &
    machine=$!
    poll 20 grep -q 'http://127.0.0.1' again.err
    get again /vm/config >second.json
    cmp again.json second.json
    expect "published ports" "$(jq '.tenon.user_network.forwards | length' second.json)" 2
    stop "$machine"
    contains "report" "$(<again.err)" "boot"
}
test_case "what /vm/config prints is taken as --config, and gives the same machine" configuration_again

configuration_arguments() {
    printf '{"boot-source": {"kernel_image_path": "%s", "boot_args": "-- arguments from-file"}}' "$behave" >machine.json
    expect "behind --" "$(hv_run --config machine.json -- arguments here)" $'[arguments]\n[here]'
    expect "another image" "$(hv_run --config machine.json "$images/hello.elf" -- you)" "Hello you"
}
test_case "arguments behind -- are the program's, also with a configuration file" configuration_arguments

missing_drivers() {
    hv_run --net user,0:80 --boot-report "$images/hello.elf" 2>no-driver.err >/dev/null
    contains "warning" "$(<no-driver.err)" "no driver for a network"
    expect "announced" "$(grep -c http://127 no-driver.err || true)" 0
    detach no-driver --net user,0:80 "$images/idle.elf"
    expect "listed" "$(hv_at ps --json | jq -c '.[0].ports')" "[]"
    truncate -s 1M no-driver.raw
    contains "warning" "$(hv_run --disk no-driver.raw "$images/hello.elf" 2>&1)" "no driver for disks"
    hv_run --net user,0:80 --disk no-driver.raw "$behave" -- exit 0 2>driver.err
    expect "warnings" "$(grep -c 'no driver' driver.err || true)" 0
}
test_case "a device that the image has no driver for is told, and no address announced or listed" missing_drivers

help_is_there() {
    contains "commands" "$("$hv" help)" "balance"
    contains "options" "$("$hv" help run)" "--kernel-options"
    expect "as --help" "$("$hv" help run)" "$("$hv" run --help)"
}
test_case "hv help prints the commands, and the options of one" help_is_there

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
