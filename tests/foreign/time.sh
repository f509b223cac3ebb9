# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh: time on hypervisors without a clock page.

# told_seconds: the wall clock in the guest's last report.
told_seconds() {
    sed -n 's/^clock [0-9]* [0-9]* [0-9]* [0-9]* \([0-9]*\)[0-9]\{9\}\r*$/\1/p' serial 2>/dev/null | tail -n 1
}
told_year_is() {
    local seconds
    seconds=$(told_seconds)
    [ -n "$seconds" ] && [ "$(date -u -d "@$seconds" +%Y)" = "$1" ]
}

battery_backed_clock_is_read() {
    qemu-system-x86_64 "${common[@]}" "${one_cpu[@]}" "${q35[@]}" -serial file:serial -kernel "$images/behave.elf" \
        -append "verbose -- clock 200" </dev/null &
    at_end kill -KILL $!
    poll "$patience" told_year_is "$(date -u +%Y)"
    contains serial "$(cat serial)" "clock: tsc"
    # It is right to the second; a slow machine reports it late.
    local error=$(($(date +%s) - $(told_seconds)))
    between "seconds by which the guest is behind" "$error" -2 10
}

# A battery may be empty, so the first answer is believed however far it is; this one is beyond the end of NTP's first
# era.
time_server_of_2040_is_believed() {
    local namespace=tenon-foreign-$$
    ip netns add "$namespace"
    at_end ip netns delete "$namespace"
    ip -n "$namespace" link set lo up
    ip netns exec "$namespace" "$root/build/tests/ntp_server" \
        "127.0.0.1=right+$(($(date -u -d 2040-06-01 +%s) - $(date +%s)))" >questions &
    poll 10 grep -q ready questions
    ip netns exec "$namespace" qemu-system-x86_64 "${common[@]}" "${one_cpu[@]}" "${microvm[@]}" -serial file:serial \
        -kernel "$images/behave.elf" \
        -append "sntp=10.0.2.2 -- clock 200" -netdev user,id=net -device virtio-net-device,netdev=net </dev/null &
    at_end kill -KILL $!
    poll "$patience" told_year_is 2040
    contains questions "$(cat questions)" 127.0.0.1
}
