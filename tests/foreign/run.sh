#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tenon's images on another hypervisor: QEMU, emulating everything. FOREIGN_CASES: a pattern of
# names.
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
# One CPU with room for a second: in a machine of at most one, QEMU leaves out the barriers between CPU and devices.
one_cpu=(-smp 1,maxcpus=2)
# choose_cpus OPTIONS...: in $cpus, unless the options say how many there are.
choose_cpus() {
    cpus=("${one_cpu[@]}")
    [[ " $* " != *" -smp "* ]] || cpus=()
}
microvm=(-M microvm,acpi=off -global virtio-mmio.force-legacy=false -device isa-debug-exit,iobase=0xf4)
virtual_console=(-device virtio-serial-device -chardev file,id=console,path=console -device virtconsole,chardev=console)

# emulate OPTIONS...: runs QEMU to its end, serial port on standard output; its exit status is in $status.
emulate() {
    status=0
    choose_cpus "$@"
    timeout -k 5 "$patience" qemu-system-x86_64 "${common[@]}" "${cpus[@]}" -serial stdio "$@" </dev/null || status=$?
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
    emulate -M q35 -nodefaults -device pvpanic -action panic=exit-failure -kernel "$images/behave.elf" \
        -append "-- fault" >output
    expect status "$status" 1
    contains output "$(cat output)" "page fault"
}

without_debug_exit_it_resets() {
    emulate -M microvm,acpi=off -kernel "$images/hello.elf" >output
    expect status "$status" 0
    contains output "$(cat output)" "Hello from Tenon"
}

another_machine() {
    emulate -M q35 -nodefaults -device isa-debug-exit,iobase=0xf4 -kernel "$images/hello.elf" -append debug_exit=0xf4 \
        >output
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

# start_httpd OPTIONS...: QEMU in the background, its network `net` forwarding a loopback port, in $emulator and $port.
# $kernel_options are the kernel's.
start_httpd() {
    local attempt
    choose_cpus "$@"
    for attempt in 1 2 3 4 5; do
        # Below the ports that the system gives to clients.
        port=$((10000 + RANDOM % 22000))
        qemu-system-x86_64 "${common[@]}" "${cpus[@]}" "$@" -serial file:serial -kernel "$images/httpd.elf" \
            -append "${kernel_options:-debug_exit=0xf4 verbose}" \
            -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:80" </dev/null &
        emulator=$!
        trap 'kill -KILL $emulator 2>/dev/null || true' EXIT
        if poll "$patience" page_or_end && kill -0 "$emulator" 2>/dev/null; then return 0; fi
    done
    return 1
}
page_or_end() {
    curl --silent --fail --max-time 5 -o page "http://127.0.0.1:$port/" || ! kill -0 "$emulator" 2>/dev/null
}
# httpd_serves TRANSPORT: what start_httpd has started answers, over devices on that transport.
httpd_serves() {
    contains page "$(cat page)" "Tenon"
    contains stats "$(curl --silent --fail --max-time 10 "http://127.0.0.1:$port/stats")" '"uptime_ms"'
    local i
    for i in $(seq 20); do curl --silent --fail --max-time 10 "http://127.0.0.1:$port/" | cmp - page; done
    contains console "$(cat serial console)" "virtio_net over $1"
    contains console "$(cat serial console)" "virtio_rng over $1"
}

guest_tests() {
    # A preemption costs a hundred times more than on hardware.
    patience=300
    truncate --size 4M disk.raw
    on_microvm guest-tests "env=PREEMPTIONS=20000" -m 256M -device virtio-rng-device \
        -drive "if=none,id=disk,file=disk.raw,format=raw" -device virtio-blk-device,drive=disk \
        -device virtio-balloon-device,free-page-reporting=on "${virtual_console[@]}"
    grep -v '^ok ' console || true
    expect status "$status" "$(exit_status 0)"
    contains console "$(tail -n 1 console)" " 0 failed, 0 skipped"
}

# A PC with PCI Express, ACPI and firmware. Unless it is told, it has transitional devices on its root bus.
q35=(-M q35 -nodefaults)
pci_console=(-device virtio-serial-pci -chardev file,id=console,path=console -device virtconsole,chardev=console)

q35_powers_off() {
    # Without -no-reboot: a machine that was reset instead would start anew for ever.
    timeout -k 5 "$patience" qemu-system-x86_64 -accel tcg -cpu max "${one_cpu[@]}" -m 128M -display none \
        -serial file:serial "${q35[@]}" \
        -kernel "$images/hello.elf" </dev/null
    contains serial "$(cat serial)" "Hello from Tenon"
}

q35_with_its_default_devices() {
    emulate -M q35 -kernel "$images/hello.elf" >output
    expect status "$status" 0
    contains output "$(cat output)" "Hello from Tenon"
}

# A disk of QEMU's: written and read back by the guest, which flushes, and read by the host.
disk_on_microvm() {
    truncate --size 2M disk.raw
    local drive=(-drive "if=none,id=disk,file=disk.raw,format=raw" -device virtio-blk-device,drive=disk)
    on_microvm behave "-- disk verify" "${drive[@]}" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 0)"
    on_microvm behave "-- disk write /dev/vda 4096 flushed" "${drive[@]}" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 0)"
    expect "on the host" "$(dd if=disk.raw bs=4096 skip=1 count=1 status=none | tr -d '\0')" flushed
}

# QEMU's discards and zeros, which it offers by itself: with discard=unmap the image has a hole afterwards.
disk_discards() {
    head -c 4M /dev/zero | tr '\0' x >disk.raw
    local before drive=(-drive "if=none,id=disk,file=disk.raw,format=raw,discard=unmap"
        -device virtio-blk-device,drive=disk)
    before=$(stat --format=%b disk.raw)
    on_microvm behave "-- disk discard /dev/vda 1048576 2097152" "${drive[@]}" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 0)"
    [ "$(stat --format=%b disk.raw)" -le $((before - 4000)) ]
    on_microvm behave "-- disk zero /dev/vda 0 524288" "${drive[@]}" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 0)"
    expect zeros "$(head -c 512K disk.raw | tr -d '\0' | wc -c)" 0
    # A device without the features.
    drive[3]+=,discard=off,write-zeroes=off
    on_microvm behave "-- disk zero /dev/vda 3145728 524288" "${drive[@]}" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 0)"
    expect zeros "$(dd if=disk.raw bs=512K skip=6 count=1 status=none | tr -d '\0' | wc -c)" 0
    on_microvm behave "-- disk discard /dev/vda 0 4096" "${drive[@]}" "${virtual_console[@]}"
    expect status "$status" "$(exit_status 1)"
}

q35_text_on_a_virtual_console() {
    emulate "${q35[@]}" "${pci_console[@]}" -kernel "$images/behave.elf" -append "-- arguments World" >output
    expect status "$status" 0
    expect console "$(tr -d '\r' <console)" $'[arguments]\n[World]'
}

q35_guest_tests() {
    patience=300
    emulate "${q35[@]}" -device isa-debug-exit,iobase=0xf4 -m 256M -device virtio-rng-pci \
        "${pci_console[@]}" -kernel "$images/guest-tests.elf" -append "debug_exit=0xf4 env=PREEMPTIONS=20000" >output
    grep -v '^ok ' console || true
    expect status "$status" "$(exit_status 0)"
    contains console "$(tail -n 1 console)" " 0 failed"
}

q35_one_vector_for_everything() {
    start_httpd "${q35[@]}" -m 6G -device virtio-net-pci,netdev=net,vectors=1 -device virtio-rng-pci,vectors=1 \
        "${pci_console[@]}"
    httpd_serves pci
}

# Firmware that gives no device an address.
q35_devices_without_addresses() {
    start_httpd "${q35[@]}" -bios qboot.rom -device virtio-net-pci,netdev=net -device virtio-rng-pci \
        "${pci_console[@]}" \
        -device pcie-root-port,id=port1 -device virtio-rng-pci,bus=port1
    httpd_serves pci
    contains console "$(cat serial console)" "(type 4) is not used: its registers have no address"
}

q35_devices_that_cannot_be_used_are_named() {
    start_httpd "${q35[@]}" -device virtio-balloon-pci,disable-modern=on,disable-legacy=off \
        -device virtio-net-pci,netdev=net -device virtio-rng-pci "${pci_console[@]}"
    httpd_serves pci
    contains console "$(cat serial console)" "00:01.0 (type 5) is not used: it has only the legacy interface"
}

power_button_asks_for_a_shutdown() {
    local machine
    for machine in q35 pc; do
        rm -f monitor.in monitor.out
        mkfifo monitor.in monitor.out
        cat monitor.out >monitor.log &
        start_httpd -M "$machine" -nodefaults -device virtio-net-pci,netdev=net -chardev pipe,id=monitor,path=monitor \
            -mon chardev=monitor
        echo system_powerdown >monitor.in
        poll "$patience" ended
        status=0
        wait "$emulator" || status=$?
        expect status "$status" 0
    done
}
ended() { ! kill -0 "$emulator" 2>/dev/null; }

source tests/foreign/balloon.sh
source tests/foreign/consoles.sh
source tests/foreign/cpus.sh
source tests/foreign/matrix.sh
source tests/foreign/time.sh

for name in hello_on_the_serial_port text_on_a_virtual_console hello_cpp exit_code fault_is_told_with_registers \
    stack_overflow_is_told crash_reaches_pvpanic without_debug_exit_it_resets another_machine \
    lacking_features_are_named processor_without_avx little_memory memory_above_four_gib disk_on_microvm disk_discards \
    machine_microvm machine_microvm_with_acpi machine_pc machine_q35 \
    machine_q35_without_legacy_interfaces machine_q35_behind_root_ports machine_q35_without_iommu_platform \
    machine_microvm_with_four_processors machine_microvm_with_acpi_and_four_processors \
    machine_pc_with_four_processors machine_q35_with_four_processors processors_are_found processors_on_two_sockets \
    one_thread_uses_one_processor crash_shows_every_processor guest_tests_on_several_processors guest_tests \
    battery_backed_clock_is_read \
    time_server_of_2040_is_believed balloon_follows_qmp balloon_deflates_for_a_program freed_memory_leaves_qemu \
    free_memory_is_not_migrated q35_balloon_follows_qmp q35_balloon_deflates_for_a_program \
    q35_freed_memory_leaves_qemu q35_free_memory_is_not_migrated pc_balloon_follows_qmp \
    balloon_behind_a_root_port q35_net_console_and_balloon q35_devices_share_a_line \
    text_without_a_virtual_console_goes_to_the_serial_port q35_text_on_the_second_console_device \
    q35_agent_on_the_second_console_device q35_agent_port_goes_and_comes_back q35_powers_off \
    q35_with_its_default_devices q35_text_on_a_virtual_console q35_one_vector_for_everything \
    q35_devices_without_addresses q35_devices_that_cannot_be_used_are_named power_button_asks_for_a_shutdown \
    q35_guest_tests; do
    # shellcheck disable=SC2053 # a pattern
    [[ $name == ${FOREIGN_CASES:-*} ]] || continue
    case $name in
        time_server_of_2040_is_believed) root_case "a network namespace" "foreign_$name" "$name" ;;
        *) test_case "foreign_$name" "$name" ;;
    esac
done
source tests/foreign/uefi.sh
source tests/foreign/libvirt.sh
finish
