# SPDX-License-Identifier: Apache-2.0
# hv@.service, the unit of systemd: what `make install` installs is valid, and its command does what the unit says.

# installed_unit: $unit below $prefix.
installed_unit() {
    prefix=$scratch/service
    unit=$prefix/lib/systemd/system/hv@.service
    if [ ! -e "$unit" ]; then "$root/setup/install.sh" install "$prefix"; fi
}

verified() {
    installed_unit
    expect "what systemd-analyze says" "$(systemd-analyze verify --man=no "$unit" 2>&1)" ""
    sed 's|^ExecStart=.*|ExecStart=/no/such/program|' "$unit" >hv@.service
    status_of systemd-analyze verify --man=no ./hv@.service
    contains "what it says of a program that does not exist" "$output" "/no/such/program"
}
if command -v systemd-analyze >/dev/null; then
    test_case "the installed hv@.service is a valid unit" verified
else
    skip_case "the installed hv@.service is a valid unit" "there is no systemd-analyze"
fi

# command_of NAME: ExecStart of hv@NAME, with the specifiers that it uses. setting KEY: of the unit.
command_of() { setting ExecStart | sed "s|%E|$PWD/etc|g; s|%i|$1|g"; }
setting() { sed -n "s/^$1=//p" "$unit"; }
configure() {
    mkdir -p etc/tenon
    printf '{"boot-source": {"kernel_image_path": "%s", "boot_args": "-- %s"}, "tenon": {"accelerator": "pv"}}' \
        "$behave" "$2" >"etc/tenon/$1.json"
}
# start_service NAME: the unit's command in the foreground; its pid in $machine.
start_service() {
    local words
    read -ra words <<<"$(command_of "$1")"
    HV_RUN_DIR=$RUN "${words[@]}" >"$1.out" 2>"$1.err" </dev/null &
    machine=$!
}

served() {
    installed_unit
    configure service orderly
    at_end forget service
    start_service service
    poll 20 state_is service running
    # What systemctl stop sends, to hv alone (KillMode=mixed).
    stop "$machine" TERM
    expect "exit code of a guest that shuts down with 42" "$status" 42
    configure service "exit 3"
    start_service service
    status=0
    wait "$machine" || status=$?
    expect "exit code, by which systemd starts it again" "$status" 3
    not grep -qw 3 <<<"$(setting RestartPreventExitStatus)"
}
test_case "the unit's command stays in the foreground, shuts down by SIGTERM, and exits with the guest's code" served

# What a start a second later would not mend.
not_again() {
    installed_unit
    start_service nowhere
    status=0
    wait "$machine" || status=$?
    expect "exit code without a configuration" "$status" 101
    contains "message" "$(<nowhere.err)" "etc/tenon/nowhere.json"
    grep -qw 101 <<<"$(setting RestartPreventExitStatus)"
    configure nowhere "exit 0"
    sed -i 's|"kernel_image_path": "[^"]*"|"kernel_image_path": "/bin/true"|' etc/tenon/nowhere.json
    start_service nowhere
    status=0
    wait "$machine" || status=$?
    expect "exit code for what is no image" "$status" 102
    grep -qw 102 <<<"$(setting RestartPreventExitStatus)"
}
test_case "the unit does not start again what cannot start" not_again
