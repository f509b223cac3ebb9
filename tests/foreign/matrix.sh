# SPDX-License-Identifier: Apache-2.0
# Kinds of machines. On each, httpd serves a page and is switched off, and a disk is written, flushed and read back.
# Sourced by run.sh.

# on_machine TRANSPORT NET RNG DISK OPTIONS...: on a machine with OPTIONS, whose devices are on TRANSPORT (mmio, pci)
# and have the further properties NET, RNG and DISK.
on_machine() {
    local transport=$1 net=$2 rng=$3 disk=$4 kind=pci expected=0 kernel_options=verbose
    shift 4
    if [ "$transport" = mmio ]; then kind=device; fi
    if [[ " $* " == *isa-debug-exit* ]]; then
        # Only this device ends a machine without ACPI, with a status of its own.
        kernel_options="debug_exit=0xf4 verbose" expected=$(exit_status 0)
    fi
    local console=(-device "virtio-serial-$kind" -chardev file,id=console,path=console
        -device virtconsole,chardev=console)
    # A reset does not end QEMU here.
    start_httpd "$@" "${console[@]}" -chardev socket,id=agent,path=agent,server=on,wait=off "${agent_port[@]}" \
        -device "virtio-net-$kind,netdev=net$net" -device "virtio-rng-$kind$rng" -action reboot=reset
    httpd_serves "$transport"
    poll "$patience" agent_answers
    ask_agent '{"execute":"guest-shutdown"}'
    poll "$patience" ended
    status=0
    wait "$emulator" || status=$?
    expect "QEMU's status" "$status" "$expected"

    truncate --size 2M disk.raw
    emulate "$@" "${console[@]}" -drive "if=none,id=disk,file=disk.raw,format=raw" \
        -device "virtio-blk-$kind,drive=disk$disk" -kernel "$images/behave.elf" \
        -append "$kernel_options -- disk verify" -action reboot=reset >output
    expect "QEMU's status" "$status" "$expected"
    contains console "$(tr -d '\r' <console)" verified
    [ "$(tr -d '\0' <disk.raw | wc -c)" -gt 1000000 ]
}
ask_agent() { echo "$1" | timeout 5 socat -T 1 STDIO,ignoreeof UNIX-CONNECT:agent >/dev/null 2>&1 || true; }

root_ports=(-device pcie-root-port,id=port1,chassis=1 -device pcie-root-port,id=port2,chassis=2
    -device pcie-pci-bridge,id=bridge,bus=port2)

machine_microvm() { on_machine mmio "" "" "" "${microvm[@]}"; }
machine_microvm_with_acpi() {
    on_machine mmio "" "" "" -M microvm,acpi=on,ioapic2=off -global virtio-mmio.force-legacy=false
}
machine_pc() { on_machine pci "" "" "" -M pc -nodefaults; }
machine_q35() { on_machine pci "" "" "" "${q35[@]}"; }
machine_q35_without_legacy_interfaces() {
    local modern=,disable-legacy=on
    on_machine pci $modern $modern $modern "${q35[@]}"
}
machine_q35_behind_root_ports() {
    on_machine pci ,bus=port1 ,bus=bridge,addr=3 ,bus=port1 "${q35[@]}" "${root_ports[@]}"
}
machine_q35_without_iommu_platform() {
    local physical=,disable-legacy=on,iommu_platform=off
    on_machine pci $physical $physical $physical "${q35[@]}"
}
