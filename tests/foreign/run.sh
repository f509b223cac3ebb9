#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tenon's images on a hypervisor that knows nothing of Tenon: QEMU, emulating everything.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/lib.sh

if ! command -v qemu-system-x86_64 >/dev/null; then
    skip_case foreign "there is no qemu-system-x86_64"
    finish
    exit
fi

patience=60
# isa-debug-exit makes QEMU end with (code << 1) | 1: never 0, which is what an end without it gives.
common=(-accel tcg -cpu max -m 128M -display none -no-reboot)
microvm=(-M microvm,acpi=off -global virtio-mmio.force-legacy=false -device isa-debug-exit,iobase=0xf4)
virtual_console=(-device virtio-serial-device -chardev file,id=console,path=console -device virtconsole,chardev=console)

# emulate OPTIONS...: runs QEMU to its end, serial port on standard output; its exit status is in $status.
emulate() {
    status=0
    timeout -k 5 "$patience" qemu-system-x86_64 "${common[@]}" -serial stdio "$@" </dev/null || status=$?
}
# on_microvm IMAGE KERNEL-COMMAND-LINE OPTIONS...: the same for an image, its text in the file `output`.
on_microvm() {
    local image=$1 line=$2
    shift 2
    emulate "${microvm[@]}" -kernel "$images/$image.elf" -append "debug_exit=0xf4 $line" "$@" >output
}
exit_status() { echo $((($1 << 1) | 1)); }

hello_on_the_serial_port() {
    on_microvm hello ""
    expect status "$status" "$(exit_status 0)"
    expect output "$(tr -d '\r' <output)" "Hello from Tenon"
}

text_on_a_virtual_console() {
    on_microvm behave "-- arguments World \"two words\"" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 0)"
    expect console "$(tr -d '\r' <console)" $'[arguments]\n[World]\n[two words]'
}

hello_cpp() {
    on_microvm hello-cpp ""
    expect status "$status" "$(exit_status 0)"
}

exit_code() {
    on_microvm behave "-- exit 42"
    expect status "$status" "$(exit_status 42)"
}

fault_is_told_with_registers() {
    on_microvm behave "-- fault"
    expect status "$status" "$(exit_status 107)"
    contains output "$(cat output)" "tenon: panic: page fault writing address 0x1234"
    contains output "$(cat output)" "address 0000000000001234"
}

stack_overflow_is_told() {
    on_microvm behave "-- overflow"
    expect status "$status" "$(exit_status 107)"
    contains output "$(cat output)" "stack overflow"
}

crash_reaches_pvpanic() {
    emulate -M q35 -nodefaults -device pvpanic -action panic=exit-failure -kernel "$images/behave.elf" -append "-- fault" >output
    expect status "$status" 1
    contains output "$(cat output)" "page fault"
}

without_debug_exit_it_resets() {
    emulate -M microvm,acpi=off -kernel "$images/hello.elf" >output
    expect status "$status" 0
    contains output "$(cat output)" "Hello from Tenon"
}

another_machine() {
    emulate -M q35 -nodefaults -device isa-debug-exit,iobase=0xf4 -kernel "$images/hello.elf" -append debug_exit=0xf4 >output
    expect status "$status" "$(exit_status 0)"
    contains output "$(cat output)" "Hello from Tenon"
}

lacking_features_are_named() {
    on_microvm hello "" -cpu max,-fsgsbase
    contains output "$(cat output)" "the processor lacks FSGSBASE"
    on_microvm hello "" -cpu qemu64
    contains output "$(cat output)" "the processor lacks XSAVE, FSGSBASE"
}

processor_without_avx() {
    on_microvm hello "" -cpu max,-avx,-avx2
    expect status "$status" "$(exit_status 0)"
}

little_memory() {
    on_microvm hello "" -m 16M
    expect status "$status" "$(exit_status 0)"
    contains output "$(cat output)" "Hello from Tenon"
}

memory_above_four_gib() {
    on_microvm behave "-- exit 7" -m 6G
    expect status "$status" "$(exit_status 7)"
}

# start_httpd: QEMU in the background with a loopback port forwarded, in $emulator and $port.
start_httpd() {
    local attempt
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM))
        qemu-system-x86_64 "${common[@]}" "${microvm[@]}" -serial file:serial -kernel "$images/httpd.elf" \
            -append "debug_exit=0xf4 verbose" -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:80" \
            -device virtio-net-device,netdev=net -device virtio-rng-device "${virtual_console[@]}" </dev/null &
        emulator=$!
        trap 'kill -KILL $emulator 2>/dev/null || true' EXIT
        if poll "$patience" page_or_end && kill -0 "$emulator" 2>/dev/null; then return 0; fi
    done
    return 1
}
page_or_end() {
    curl --silent --fail --max-time 5 -o page "http://127.0.0.1:$port/" || ! kill -0 "$emulator" 2>/dev/null
}

httpd_over_virtio_net() {
    start_httpd
    contains page "$(cat page)" "Tenon"
    contains stats "$(curl --silent --fail --max-time 10 "http://127.0.0.1:$port/stats")" '"uptime_ms"'
    local i
    for i in $(seq 20); do curl --silent --fail --max-time 10 "http://127.0.0.1:$port/" | cmp - page; done
    contains console "$(cat serial console)" "virtio_net over mmio"
    contains console "$(cat serial console)" "virtio_rng over mmio"
}

guest_tests() {
    # A preemption costs a hundred times more than on hardware.
    patience=300
    on_microvm guest-tests "preemptions=20000" -m 256M -device virtio-rng-device "${virtual_console[@]}"
    grep -v '^ok ' console || true
    expect status "$status" "$(exit_status 0)"
    contains console "$(tail -n 1 console)" " 0 failed"
}

for name in hello_on_the_serial_port text_on_a_virtual_console hello_cpp exit_code fault_is_told_with_registers \
    stack_overflow_is_told crash_reaches_pvpanic without_debug_exit_it_resets another_machine lacking_features_are_named \
    processor_without_avx little_memory memory_above_four_gib httpd_over_virtio_net guest_tests; do
    test_case "foreign_$name" "$name"
done
finish
