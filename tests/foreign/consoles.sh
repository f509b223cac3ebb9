# SPDX-License-Identifier: Apache-2.0
# Console devices that lack something: port 0, or the agent's port, which another device has. Sourced by run.sh.

agent_port=(-device virtserialport,id=port,chardev=agent,name=org.qemu.guest_agent.0)

# A console device that has the agent's port only.
text_without_a_virtual_console_goes_to_the_serial_port() {
    local port=(-chardev null,id=agent "${agent_port[@]}")
    on_microvm behave "-- arguments World" -device virtio-serial-device "${port[@]}"
    expect "microvm: status" "$status" "$(exit_status 0)"
    expect "microvm: output" "$(tr -d '\r' <output)" $'[arguments]\n[World]'
    emulate "${q35[@]}" -device virtio-serial-pci "${port[@]}" -kernel "$images/behave.elf" \
        -append "-- arguments World" >output
    expect "q35: status" "$status" 0
    contains "q35: output" "$(tr -d '\r' <output)" $'[arguments]\n[World]'
}

q35_text_on_the_second_console_device() {
    emulate "${q35[@]}" -device virtio-serial-pci -chardev null,id=agent "${agent_port[@]}" \
        -device virtio-serial-pci,id=second -chardev file,id=console,path=console \
        -device virtconsole,bus=second.0,chardev=console \
        -kernel "$images/behave.elf" -append "-- arguments World" >output
    expect status "$status" 0
    expect console "$(tr -d '\r' <console)" $'[arguments]\n[World]'
}

# start_with_agent OPTIONS...: a q35 with a console, whose agent's channel is the socket `agent`, and which waits.
start_with_agent() {
    qemu-system-x86_64 "${common[@]}" "${one_cpu[@]}" "${q35[@]}" "${pci_console[@]}" \
        -chardev socket,id=agent,path=agent,server=on,wait=off \
        "$@" -serial file:serial -kernel "$images/behave.elf" -append "-- wait" </dev/null &
}
# The input stays open for a second: at its end the client would leave before it is answered.
agent_answers() {
    local answer
    answer=$(echo '{"execute":"guest-ping"}' | timeout 5 socat -T 1 STDIO,ignoreeof UNIX-CONNECT:agent 2>/dev/null)
    [[ $answer == *'{"return"'* ]]
}

# As libvirt makes it of a channel with a controller of its own.
q35_agent_on_the_second_console_device() {
    start_with_agent -device virtio-serial-pci,id=second \
        -device virtserialport,bus=second.0,chardev=agent,name=org.qemu.guest_agent.0
    poll "$patience" agent_answers
}

monitor() { echo "$*" | timeout 5 socat -t 1 - UNIX-CONNECT:monitor >>monitor.log; }
q35_agent_port_goes_and_comes_back() {
    start_with_agent "${agent_port[@]}" -monitor unix:monitor,server=on,wait=off
    poll "$patience" agent_answers
    monitor device_del port
    if agent_answers; then return 1; fi
    monitor device_add virtserialport,id=port,chardev=agent,name=org.qemu.guest_agent.0
    poll "$patience" agent_answers
}
