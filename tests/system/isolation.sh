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
    stop "$machine"
}
test_case "hv and its guest are confined" confined
