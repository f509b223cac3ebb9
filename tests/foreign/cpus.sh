# SPDX-License-Identifier: Apache-2.0
# Machines with several processors, each of which QEMU emulates in a thread of its own. Sourced by run.sh.

acpi_microvm=(-M microvm,acpi=on,ioapic2=off -global virtio-mmio.force-legacy=false)

# Found by ACPI, or by the MP table; 40 is more than the kernel takes.
processors_are_found() {
    local machine count
    for machine in "-M microvm,acpi=off" "-M microvm,acpi=on" "-M pc -nodefaults" "-M q35 -nodefaults" \
        "-M q35 -nodefaults -bios qboot.rom"; do
        for count in 1 2 5; do
            # shellcheck disable=SC2086 # a list of words
            emulate $machine -smp "$count" -device isa-debug-exit,iobase=0xf4 \
                -kernel "$images/behave.elf" -append "debug_exit=0xf4 -- cpus count" >output
            expect "status of $machine" "$status" "$(exit_status 0)"
            expect "output of $machine" "$(tr -d '\r' <output)" "vCPUs: $count"
        done
    done
    patience=300
    on_microvm behave "-- cpus count" -smp 40
    expect output "$(tr -d '\r' <output)" "vCPUs: 32"
}

# Whose numbers do not follow each other.
processors_on_two_sockets() {
    emulate "${q35[@]}" -smp 6,sockets=2,cores=3,threads=1 -device isa-debug-exit,iobase=0xf4 \
        -kernel "$images/behave.elf" -append "debug_exit=0xf4 -- cpus count" >output
    expect output "$(tr -d '\r' <output)" "vCPUs: 6"
}

one_thread_uses_one_processor() {
    on_microvm hello "" -smp 4
    expect status "$status" "$(exit_status 0)"
    expect output "$(tr -d '\r' <output)" "Hello from Tenon"
}

crash_shows_every_processor() {
    local vcpu
    on_microvm behave "-- cpus panic 2" -smp 4
    expect status "$status" "$(exit_status 107)"
    contains output "$(cat output)" "tenon: panic: asked to on vCPU 2"
    for vcpu in 00 01 03; do contains output "$(cat output)" " vCPU $vcpu rip 00000100"; done
    expect "others" "$(grep -c '^ vCPU ' output)" 3
}

guest_tests_on_several_processors() {
    patience=600
    truncate --size 4M disk.raw
    on_microvm guest-tests "env=PREEMPTIONS=20000" -smp 4 -m 256M -device virtio-rng-device \
        -drive "if=none,id=disk,file=disk.raw,format=raw" -device virtio-blk-device,drive=disk \
        -device virtio-balloon-device,free-page-reporting=on "${virtual_console[@]}"
    grep -v '^ok ' console || true
    expect status "$status" "$(exit_status 0)"
    contains console "$(tail -n 1 console)" " 0 failed, 0 skipped"
    expect "tests of several vCPUs" "$(grep -c '^ok vcpus_' console)" "$(grep -c '^GUEST_TEST(vcpus_' \
        "$root/tests/guest/vcpus.cpp")"
}

machine_microvm_with_four_processors() { on_machine mmio "" "" "" "${microvm[@]}" -smp 4; }
machine_microvm_with_acpi_and_four_processors() {
    on_machine mmio "" "" "" "${acpi_microvm[@]}" -smp 4
}
machine_pc_with_four_processors() { on_machine pci "" "" "" -M pc -nodefaults -smp 4; }
machine_q35_with_four_processors() { on_machine pci "" "" "" "${q35[@]}" -smp 4; }
