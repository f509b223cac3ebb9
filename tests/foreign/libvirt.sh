# SPDX-License-Identifier: Apache-2.0
# A Tenon image as a domain of libvirt. Sourced by run.sh. virsh carries libvirt's QEMU driver within itself here
# (qemu:///embed): no daemon is needed, and everything it writes is in a folder of the case's own.

libvirt_root=$scratch/libvirt

describe_domain() { # kernel command line
    cat <<EOF
<domain type='qemu'>
  <name>tenon</name>
  <memory unit='MiB'>128</memory>
  <vcpu current='1'>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><kernel>$images/behave.elf</kernel><cmdline>$1</cmdline></os>
  <cpu mode='maximum'/>
  <features><acpi/></features>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <emulator>$(command -v qemu-system-x86_64)</emulator>
    <controller type='usb' model='none'/>
    <console type='file'><source path='$libvirt_root/console'/><target type='virtio' port='0'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <interface type='user'><mac address='52:54:00:12:34:56'/><model type='virtio'/></interface>
    <memballoon model='virtio' autodeflate='on' freePageReporting='on'><stats period='1'/></memballoon>
  </devices>
</domain>
EOF
}

# start_domain KERNEL-COMMAND-LINE: a domain whose agent answers.
start_domain() {
    rm -rf "$libvirt_root"
    mkdir -p "$libvirt_root/etc"
    printf '%s\n' "user = \"$(id -un)\"" "group = \"$(id -gn)\"" 'dynamic_ownership = 0' 'remember_owner = 0' \
        'security_driver = "none"' 'stdio_handler = "file"' 'cgroup_controllers = []' 'namespaces = []' \
        >"$libvirt_root/etc/qemu.conf"
    describe_domain "$1" >"$libvirt_root/domain.xml"
    mkfifo "$libvirt_root/commands"
    virsh -c "qemu:///embed?root=$libvirt_root" <"$libvirt_root/commands" >"$libvirt_root/output" 2>&1 &
    exec {commands}>"$libvirt_root/commands"
    at_end end_domain
    ask create "$libvirt_root/domain.xml" >"$libvirt_root/created"
    poll "$patience" answers_ping
}
end_domain() { kill -KILL "$(cat "$libvirt_root/run/qemu/tenon.pid")" 2>/dev/null; }
answers_ping() { [[ $(ask qemu-agent-command tenon "'{\"execute\":\"guest-ping\"}'") == *'{"return":{}}'* ]]; }

# ask COMMAND...: the output of one command of virsh.
ask() {
    local from mark="end-of-answer-$RANDOM$RANDOM"
    from=$(($(wc -c <"$libvirt_root/output") + 1))
    printf '%s\necho %s\n' "$*" "$mark" >&"$commands"
    poll 30 marked "$from" "$mark"
    tail -c "+$from" "$libvirt_root/output" | grep -v -e "$mark" -e ' warning : ' -e ' info : ' || true
}
marked() { tail -c "+$1" "$libvirt_root/output" | grep -q "^$2"; }

libvirt_asks_the_agent() {
    start_domain "-- wait"
    contains addresses "$(ask domifaddr tenon --source agent)" 10.0.2.15/24
    local information
    information=$(ask guestinfo tenon)
    contains "guestinfo: system" "$information" "os.id               : tenon"
    contains "guestinfo: interface" "$information" 52:54:00:12:34:56
    contains "guestinfo: file system" "$information" "fs.0.mountpoint     : /"
    contains "guestvcpus" "$(ask guestvcpus tenon)" online
    contains "qemu-agent-command" "$(ask qemu-agent-command tenon "'{\"execute\":\"tenon-get-versions\"}'")" '"tenon":'
    contains "what is not there" "$(ask qemu-agent-command tenon "'{\"execute\":\"guest-exec\"}'")" "error"
}

libvirt_sets_the_time() {
    start_domain "-- wait"
    ask domtime tenon --time 1000000000 >/dev/null
    local time
    time=$(ask domtime tenon | sed -n 's/^Time: //p')
    between "the guest's time, just set" "$time" 1000000000 1000000300
    ask domtime tenon --now >/dev/null
    [ "$(ask domtime tenon | sed -n 's/^Time: //p')" -ge 1700000000 ]
}

libvirt_freezes() {
    start_domain "-- freeze well"
    contains freeze "$(ask domfsfreeze tenon)" "Froze 1 filesystem"
    contains thaw "$(ask domfsthaw tenon)" "Thawed 1 filesystem"
    contains "the program" "$(tr -d '\r' <"$libvirt_root/console")" $'frozen\nthawed'
}

domain_is_gone() { [[ $(ask domstate tenon) == *"failed to get domain"* ]]; }
libvirt_ends_it() {
    start_domain "-- wait"
    ask reboot tenon --mode agent >/dev/null
    poll "$patience" answers_ping
    contains "after the reboot" "$(ask domstate tenon)" running
    ask shutdown tenon --mode agent >/dev/null
    poll "$patience" domain_is_gone
}

# memory_figure NAME: of the balloon's, in KiB; nothing before the guest has told it.
memory_figure() { ask dommemstat tenon | sed -n "s/^$1 //p" | head -n 1; }
figure_is() { [ "$(memory_figure "$1")" = "$2" ]; }
figure_is_below() { [ "$(memory_figure "$1")" -lt "$2" ]; }
has_figure() { [ -n "$(memory_figure "$1")" ]; }
used_memory() { ask dominfo tenon | sed -n 's/^Used memory: *\([0-9]*\) KiB/\1/p'; }

libvirt_sees_and_sets_the_memory() {
    start_domain "-- wait"
    poll "$patience" has_figure unused
    local available unused answer
    expect "the balloon's size" "$(memory_figure actual)" 131072
    # Of 128 MiB the guest has all but its image and the I/O memory, and needs little of that.
    available=$(memory_figure available) unused=$(memory_figure unused)
    between "available memory in KiB" "$available" 90000 131072
    between "unused memory in KiB" "$unused" 60000 "$available"
    ask setmem tenon 98304 --live >/dev/null
    poll "$patience" figure_is actual 98304
    poll "$patience" figure_is_below unused $((unused - 30000))
    expect "dominfo" "$(used_memory)" 98304
    ask setmem tenon 131072 --live >/dev/null
    poll "$patience" figure_is actual 131072
    expect "dominfo" "$(used_memory)" 131072
    answer=$(ask setmem tenon 262144 --live 2>&1)
    contains "more than there is" "$answer" "error:"
    contains "more than there is" "$answer" "higher than max"
    expect "the balloon's size after that" "$(memory_figure actual)" 131072
    answers_ping
}

# The guest keeps the memory that it cannot spare: the balloon takes the rest, and gives it back.
libvirt_asks_for_too_much() {
    start_domain "-- wait"
    poll "$patience" has_figure unused
    ask setmem tenon 4096 --live >/dev/null
    poll "$patience" figure_is_below actual 98304
    answers_ping
    [ "$(memory_figure actual)" -gt 4096 ]
    ask setmem tenon 131072 --live >/dev/null
    poll "$patience" figure_is actual 131072
    answers_ping
}

if command -v virsh >/dev/null; then
    for name in libvirt_asks_the_agent libvirt_sets_the_time libvirt_freezes libvirt_sees_and_sets_the_memory \
        libvirt_asks_for_too_much libvirt_ends_it; do
        # shellcheck disable=SC2053 # a pattern
        [[ $name == ${FOREIGN_CASES:-*} ]] || continue
        test_case "foreign_$name" "$name"
    done
else
    skip_case foreign_libvirt "there is no virsh"
fi
