# SPDX-License-Identifier: Apache-2.0
# Machines on a TAP interface, in a network namespace of the case's own.

# A namespace for the rest of the case, with tap0 at 10.0.0.1/24.
with_tap() {
    local name=tenon-test-$$-$BASHPID
    ip netns add "$name"
    at_end ip netns delete "$name"
    ip -n "$name" link set lo up
    ip -n "$name" tuntap add name tap0 mode tap vnet_hdr
    ip -n "$name" addr add 10.0.0.1/24 dev tap0
    ip -n "$name" link set tap0 up
    namespace=$name
}

in_namespace() { ip netns exec "$namespace" "$@"; }

# tap_machine NAME [IMAGE ARGUMENTS...]: httpd, unless another one is named.
tap_machine() {
    [ $# -gt 1 ] || set -- "$1" "$images/httpd.elf"
    # Not by the function: its subshell would stand between the signal and hv.
    ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --name "$1" --boot-report --net tap=tap0 \
        --ip 10.0.0.2/24,10.0.0.1 \
        "${@:2}" >"$1.out" 2>"$1.err" </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' "$1.err"
}

# stream_machine NAME OPTIONS...: the server of streams: 5001 takes, 5002 gives, 5003 echoes, 5004 does not read,
# 5005 tells of its connection.
stream_machine() {
    ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --name "$1" --net tap=tap0 \
        --ip 10.0.0.2/24,10.0.0.1 "${@:2}" "$images/stream.elf" >"$1.out" 2>"$1.err" </dev/null &
    machine=$!
    poll 20 grep -q serving "$1.out"
}
