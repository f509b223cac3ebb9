# SPDX-License-Identifier: Apache-2.0
# A machine's rights and limits, as seen from the host; the escape tier tries to break them.

unprivileged() {
    if [ "$(id -u)" != 0 ]; then
        hv_run "$images/hello.elf"
        return
    fi
    install -d -o nobody "$scratch/nobody"
    chmod 755 "$scratch"
    cp "$hv" "$images/hello.elf" "$scratch/nobody/"
    expect "output" "$(setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$scratch/nobody/hv" run --run-dir "$scratch/nobody/run" --accel pv "$scratch/nobody/hello.elf")" \
        "Hello from Tenon"
}
test_case "an unprivileged user can run a machine" unprivileged

confined() {
    start confined "$behave" -- wait
    local guest
    guest=$(pgrep -P "$machine")
    expect "hv has no new privileges" "$(awk '/^NoNewPrivs/ {print $2}' "/proc/$machine/status")" 1
    expect "hv is filtered" "$(awk '/^Seccomp:/ {print $2}' "/proc/$machine/status")" 2
    expect "the guest is filtered" "$(awk '/^Seccomp:/ {print $2}' "/proc/$guest/status")" 2
    expect "the guest has no capabilities" "$(awk '/^CapEff/ {print $2}' "/proc/$guest/status")" 0000000000000000
    expect "hv has no capabilities" "$(awk '/^Cap(Inh|Prm|Eff|Amb)/ {print $2}' "/proc/$machine/status" | sort -u)" \
        0000000000000000
    stop "$machine"
}
test_case "hv and its guest are confined" confined

# The number of landlock_create_ruleset.
landlock_call=444
landlock_is_told() {
    start known "$behave" -- wait
    between "version" "$(hv_at info --json known | jq .landlock_version)" 1 100
    contains "info" "$(hv_at info known)" "Landlock"
    not grep -q Landlock known.err
    stop "$machine"
    "$root/build/tests/without_call" $landlock_call "$hv" run --run-dir "$RUN" --accel pv --name lacking --boot-report \
        "$behave" -- wait >lacking.out 2>lacking.err </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' lacking.err
    expect "how often it is said" "$(grep -c "this host has no Landlock" lacking.err)" 1
    expect "version" "$(hv_at info --json lacking | jq .landlock_version)" 0
    contains "info" "$(hv_at info lacking)" "system calls only (this host has no Landlock)"
    stop "$machine"
}
test_case "hv info says how hv is confined, and a host without Landlock is told of once" landlock_is_told

# The machine's hv ends in the usual way, and so does its user-mode network's process, which hv may not signal.
ends_confined() {
    start ends --net user "$behave" -- wait
    local helper
    helper=$(pgrep -P "$machine" hv-slirp)
    stop "$machine"
    not test -e "$RUN/ends"
    not test -e "/proc/$helper"
}
test_case "a confined hv removes its directory, and its helper ends with it" ends_confined

# The supervisor needs the rights of the hv that it may start again; of signals it needs those to its children only.
supervisor_is_confined() {
    detach watched "$behave" -- wait
    local supervisor worker
    supervisor=$(supervisor_of watched)
    worker=$(pgrep -P "$supervisor")
    expect "the supervisor has no new privileges" "$(awk '/^NoNewPrivs/ {print $2}' "/proc/$supervisor/status")" 1
    expect "its hv is filtered" "$(awk '/^Seccomp:/ {print $2}' "/proc/$worker/status")" 2
    hv_at stop watched
    hv_at rm watched
}
test_case "a supervisor gains no privileges, and its hv is confined" supervisor_is_confined
