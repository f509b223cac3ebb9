# SPDX-License-Identifier: Apache-2.0
# Bad input: one clear line, a documented exit code, no files left behind.

test_case "a missing image is refused" refused_run 101 "no-such.elf" no-such.elf
test_case "an unknown option is refused" refused_run 100 "--no-such-option" --no-such-option "$behave"
test_case "an unknown command is refused" refused 100 "" "$hv" dance
test_case "an unknown command says what was meant" refused 100 "did you mean 'stop'?" "$hv" stpo
test_case "an unknown option says what was meant" refused_run 100 "did you mean '--memory'?" --memroy 64M "$behave"
test_case "an unknown option of another command says what was meant" refused 100 "did you mean '--format'?" "$hv" ps \
    --fromat json
test_case "a negative number of lines is refused" refused 100 "--lines" "$hv" events --run-dir "$RUN" -n -1
test_case "a day that its month has not is refused" refused 100 "not a time" "$hv" events --run-dir "$RUN" \
    --since 2026-02-31
test_case "metrics at an address that the host has not are refused" refused 101 "192.0.2.1:9100" "$hv" metrics \
    --run-dir "$RUN" --listen 192.0.2.1:9100
test_case "no command is refused" refused 100 "hv: no command is named (hv help lists them)" "$hv"
test_case "an option without a command says what is wrong" refused 100 "hv: '--memory' is not an option" "$hv" \
    --memory 64M
test_case "an option that stands ahead of the command is told" refused 100 \
    "'--memory=64M': options stand behind the command (hv run --memory=64M)" "$hv" --memory=64M run "$behave"
test_case "an argument too many is named" refused 100 "hv: ps: 'a' is one argument too many" "$hv" ps a b
test_case "an option that is given twice is named" refused_run 100 "run: --memory is given more than once" \
    --memory 64M --memory 32M "$behave"
test_case "an empty argument is refused" refused 100 "events: NAME: the value is empty" "$hv" events --run-dir "$RUN" ""
few_open_files() {
    refused 106 "files open here, a machine needs 128 (ulimit -n)" bash -c 'ulimit -n 40; exec "$@"' - "$hv" run \
        --run-dir "$RUN" --accel pv "$behave" -- exit 0
    expect "with a soft limit" "$(bash -c 'ulimit -Sn 40; exec "$@"' - "$hv" run --run-dir "$RUN" --accel pv \
        "$images/hello.elf")" "Hello from Tenon"
}
test_case "too few open files are told ahead of the start" few_open_files
test_case "an empty value is refused" refused_run 100 "--memory: the value is empty" --memory "" "$behave"
test_case "an empty name is refused" refused_run 100 "--name: the value is empty" --name "" "$behave"
test_case "help for what is no command says what was meant" refused 100 "did you mean 'run'?" "$hv" help rnu
test_case "a misspelt kernel option is refused" refused_run 100 "did you mean 'verbose'?" --kernel-options verbos \
    "$behave"
test_case "a quote without an end is refused" refused_run 100 "does not end" --kernel-options 'hostname="a' "$behave"
test_case "the network's own address is refused" refused_run 100 "the network's own address" --net user \
    --ip 10.0.0.0/24 "$behave"
test_case "a broadcast address is refused" refused_run 100 "the broadcast address" --net user --ip 10.0.0.255/24 \
    "$behave"
test_case "a multicast address is refused" refused_run 100 "a multicast address" --net user --ip 224.0.0.5/24 "$behave"
test_case "the unspecified address is refused" refused_run 100 "the unspecified address" --net user --ip 0.0.0.0/24 \
    "$behave"
test_case "a gateway outside of the guest's network is refused" refused_run 100 "outside of the guest's network" \
    --net user --ip 10.0.0.2/24,10.0.1.1 "$behave"
test_case "such an address among kernel options is refused" refused_run 100 "the network's own address" --net user \
    --kernel-options ip=10.0.0.0/24 "$behave"
test_case "an environment variable without a name is refused" refused_run 100 "not NAME=VALUE" --env =1 "$behave"
test_case "an environment variable without a value is refused" refused_run 100 "not NAME=VALUE" --env A "$behave"
test_case "a size with a wrong unit is refused" refused_run 100 "'X' is not a unit" --memory 64X "$behave"
test_case "a memory size that is no number is refused" refused_run 100 "lots" --memory lots "$behave"
test_case "too little memory is refused" refused_run 100 "1M" --memory 1M "$behave"
test_case "more memory than a machine can have is refused" refused_run 100 "1024G" --memory 900000G "$behave"
test_case "an unknown accelerator is refused" refused 100 "warp" "$hv" run --accel warp "$behave"
test_case "an unknown kind of network is refused" refused_run 100 "carrier-pigeon" --net carrier-pigeon "$behave"
test_case "a port that is no number is refused" refused_run 100 "x" --net user,x:80 "$behave"
test_case "a TAP interface that does not exist is refused" refused_run 101 "no-such-tap" --net tap=no-such-tap "$behave"
test_case "a name with a slash is refused" refused_run 100 "a/b" --name a/b "$behave"
test_case "asking for the statistics of no machine is refused" refused 101 "nobody" "$hv" stat --run-dir "$RUN" nobody

# /dev/full takes nothing, as a disk that is full.
full_output() {
    [ -d "$RUN" ] || mkdir -m 700 "$RUN"
    local command
    for command in ps "ps --json" top prune; do
        # shellcheck disable=SC2086
        refused 103 "standard output cannot be written: No space left" \
            bash -c '"$@" >/dev/full' - "$hv" $command --run-dir "$RUN"
    done
    for command in --version --help help "help run" "run --help" man "completion bash"; do
        # shellcheck disable=SC2086
        refused 103 "standard output cannot be written: No space left" bash -c '"$@" >/dev/full' - "$hv" $command
    done
}
test_case "standard output that takes nothing is told" full_output

not_elf() {
    echo "not an image" >text.elf
    refused_run 102 "text.elf" text.elf
    head -c 100 "$behave" >short.elf
    refused_run 102 "short.elf" short.elf
    : >empty.elf
    refused_run 102 "empty.elf" empty.elf
    refused_run 102 "/bin/true" /bin/true
}
test_case "what is not an image is refused" not_elf

# A refused image is not copied; a copy takes no more room than its contents.
store_is_small() {
    local before after
    before=$(find "$RUN/.images" -type f | wc -l)
    truncate -s 20G huge.elf
    refused_run 102 "20480 MiB, an image has at most 1024 MiB" huge.elf
    cp "$behave" huge.elf
    truncate -s 20G huge.elf
    refused_run 102 "20480 MiB, an image has at most 1024 MiB" huge.elf
    head -c 8M /dev/urandom >noise.elf
    refused_run 102 "not an ELF file" noise.elf
    { head -c 64 "$behave"; head -c 8M /dev/urandom; } >headless.elf
    refused_run 102 "headless.elf" headless.elf
    after=$(find "$RUN/.images" -type f | wc -l)
    expect "files in the image store" "$after" "$before"
    cp "$images/hello.elf" sparse.elf
    truncate -s 64M sparse.elf
    expect "an image with a hole" "$(hv_run sparse.elf)" "Hello from Tenon"
    local room
    room=$(find "$RUN/.images" -type f -size +60M -printf '%k\n')
    [ "$room" -lt 4096 ]
}
test_case "files that are no images are not copied" store_is_small

# The note's descriptor begins with the ABI version, right after the name.
other_abi() {
    cp "$images/hello.elf" other.elf
    local offset
    offset=$(grep -obUaP 'Tenon\x00\x00\x00[\x01-\x20]\x00\x00\x00' other.elf | head -n 1 | cut -d: -f1)
    printf '\x63' | dd of=other.elf bs=1 seek=$((offset + 8)) conv=notrunc status=none
    refused_run 102 "version 99" other.elf
}
test_case "an image of another ABI version is refused" other_abi

taken_name() {
    start taken "$behave" -- wait
    refused_run 104 "taken" --name taken "$behave"
    stop "$machine"
}
test_case "a taken name is refused" taken_name

taken_port() {
    start first --net user,0:80 "$images/httpd.elf"
    local port
    port=$(sed -n 's#.*http://127.0.0.1:\([0-9]*\)/.*#\1#p' first.err)
    refused_run 104 "$port" --net "user,$port:80" "$behave"
    stop "$machine"
}
test_case "a port in use is refused" taken_port

bad_configuration() {
    echo '{"boot-source": {' >broken.json
    refused_run 100 "broken.json" --config broken.json
    cat >wrong.json <<EOF
{"boot-source": {"kernel_image_path": "$behave"}, "machine-config": {"vcpu_count": 1, "mem_size_mib": "much"}}
EOF
    refused_run 100 "mem_size_mib" --config wrong.json
    refused_run 101 "none.json" --config none.json
    printf '{"boot-source": {"kernel_image_path": "%s"}, "network-interfaces": [%s]}' "$behave" \
        '{"iface_id": "net0", "host_dev_name": "tap0,mtu=9000"}' >device.json
    refused_run 100 "host_dev_name" --config device.json
}
test_case "a broken configuration file is refused" bad_configuration

# A /dev/kvm that was found to emulate ring 0: the verdict is cached for the host's boot, so none is needed.
emulated_kvm() {
    mkdir -m 700 emulated-run
    mkdir dev
    printf '%s\nemulated\nring 0 is emulated: 0.2 million instructions a second' \
        "$(</proc/sys/kernel/random/boot_id)" >emulated-run/.kvm-probe
    cat >in-namespace.sh <<EOF
set -eu
mount -t tmpfs dev "$PWD/dev"
mknod "$PWD/dev/kvm" c 1 3
mknod -m 666 "$PWD/dev/null" c 1 3
mknod "$PWD/dev/urandom" c 1 9
mount --move "$PWD/dev" /dev
exec "$hv" run --run-dir "$PWD/emulated-run" "\$@"
EOF
    refused 106 "use --accel pv, or leave --accel out" unshare --mount bash in-namespace.sh --accel kvm \
        "$images/hello.elf"
    contains "message" "$output" "in software, one instruction after the other"
    # Without the option it is not chosen.
    contains "what is chosen then" "$(unshare --mount bash in-namespace.sh --boot-report "$images/hello.elf" 2>&1)" \
        "on pv (kvm: ring 0 is emulated"
    # What is not known to be emulated is opened: this is no KVM.
    sed -i 's/^emulated$/slow/' emulated-run/.kvm-probe
    refused 106 "/dev/kvm" unshare --mount bash in-namespace.sh --accel kvm "$images/hello.elf"
    not grep -q "in software" <<<"$output"
}
root_case "a mount namespace" "--accel kvm where ring 0 is emulated is refused with what to do instead" emulated_kvm

no_tap_permission() {
    install -d -o nobody "$scratch/nobody"
    chmod 755 "$scratch"
    cp "$hv" "$images/httpd.elf" "$scratch/nobody/"
    local namespace=tenon-owner-$$
    ip netns add "$namespace"
    at_end ip netns delete "$namespace"
    # Another user's: the interface exists, and this user may not open it.
    ip -n "$namespace" tuntap add name tap0 mode tap vnet_hdr user root
    refused 105 "tap" ip netns exec "$namespace" setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$scratch/nobody/hv" run --run-dir "$scratch/nobody/run" --accel pv --net tap=tap0 "$scratch/nobody/httpd.elf"
}
root_case "a network namespace" "a TAP interface without permission is refused" no_tap_permission
test_case "refusals leave nothing behind" nothing_left
