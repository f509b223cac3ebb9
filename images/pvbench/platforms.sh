# SPDX-License-Identifier: Apache-2.0
# The platforms that run.sh knows, in the report's order. Sourced by run.sh.
#
# For each platform PLATFORM, with _ for -:
#   lacks_PLATFORM   prints why it cannot run here; nothing if it can
#   run_PLATFORM     runs pvbench there; prints what its console shows, with the JSON
platforms=(hv-pv hv-kvm qemu-microvm qemu-microvm-linux qemu-q35 qemu-q35-linux linux-native gvisor)

# In all guests the same, so that they can be compared.
memory_mib=256 small_memory_mib=128
arguments=(--json --write --balloon 10)
guest_address=10.0.0.2/24 guest_peer=10.0.0.1
native_address=10.0.1.2/24 native_peer=10.0.1.1

# Prints what a guest is asked to do, as words of a kernel command line.
guest_line() { echo "ip=$guest_address -- ${arguments[*]} --label $1 --net-peer $guest_peer:$port"; }

# limited COMMAND...: ends with 124 if it has not ended in its time.
limited() { timeout -k 5 "$limit" "$@" </dev/null 2>&1; }

# move_balloon CONSOLE COMMAND...: when pvbench waits for the balloon, calls COMMAND with the guest's new size in MiB.
move_balloon() {
    local console=$1 step size
    shift
    for step in inflate deflate; do
        until grep -qs "waiting for the balloon to $step" "$console"; do sleep 0.1; done
        size=$memory_mib
        if [ $step = inflate ]; then size=$small_memory_mib; fi
        "$@" "$size" >/dev/null 2>&1 || true
    done
}

# with_balloon MOVE COMMAND...: COMMAND's output, while MOVE is called for the balloon.
with_balloon() {
    local move=$1 mover status=0
    shift
    : >"$scratch/console"
    move_balloon "$scratch/console" "$move" &
    mover=$!
    limited "$@" >"$scratch/console" || status=$?
    kill $mover 2>/dev/null || true
    wait $mover 2>/dev/null || true
    cat "$scratch/console"
    return $status
}

hv_run() {
    with_balloon hv_balloon "$hv" run --accel "$1" --run-dir "$scratch/run" --name pvbench --memory "${memory_mib}M" \
        --net tap=tap0 --ip "$guest_address" --disk "$disk" "$image" -- "${arguments[@]}" --label "hv-$1" \
        --net-peer "$guest_peer:$port"
}
# The balloon's size is what the guest does not have.
hv_balloon() { "$hv" balloon --run-dir "$scratch/run" pvbench "$((memory_mib - $1))M"; }

lacks_hv_pv() { :; }
run_hv_pv() { hv_run pv; }

# hv says itself why kvm is of no use.
lacks_hv_kvm() {
    local said
    said=$("$hv" run --accel kvm --run-dir "$scratch/run" "$image" -- --list 2>&1 </dev/null) || echo "${said#hv: }"
}
run_hv_kvm() { hv_run kvm; }

qemu_monitor() { echo "balloon $1" | socat - "UNIX-CONNECT:$scratch/monitor"; }
# qemu MACHINE OPTIONS...: its devices are on PCI or on virtio-mmio, as MACHINE has it.
qemu() {
    local kind=pci machine=(-M q35)
    if [ "$1" = microvm ]; then
        kind=device machine=(-M "microvm,acpi=on,ioapic2=off" -global virtio-mmio.force-legacy=false)
    fi
    shift
    local processor=(-accel tcg -cpu max -smp 1,maxcpus=2)
    if [ -z "$(lacks_hv_kvm)" ]; then processor=(-accel kvm -cpu host); fi
    with_balloon qemu_monitor qemu-system-x86_64 "${processor[@]}" "${machine[@]}" -m "$memory_mib" -nodefaults \
        -no-user-config -no-reboot -display none -serial stdio -monitor "unix:$scratch/monitor,server=on,wait=off" \
        -netdev tap,id=net,ifname=tap0,script=no,downscript=no -device "virtio-net-$kind,netdev=net" \
        -drive "if=none,id=disk,format=raw,file=$disk" -device "virtio-blk-$kind,drive=disk" \
        -device "virtio-balloon-$kind,free-page-reporting=on" -device "virtio-rng-$kind" "$@"
}
qemu_tenon() { qemu "$1" -kernel "$image" -append "$(guest_line "qemu-$1")"; }
# The kernel's messages would stand within pvbench's.
qemu_linux() {
    "$here/initramfs.sh" "$program" "$scratch/initramfs"
    qemu "$1" -kernel "$kernel" -initrd "$scratch/initramfs" \
        -append "console=ttyS0 quiet loglevel=0 panic=-1 $(guest_line "qemu-$1-linux")"
}

lacks_qemu_microvm() { command -v qemu-system-x86_64 >/dev/null || echo "qemu-system-x86_64 is not installed"; }
run_qemu_microvm() { qemu_tenon microvm; }
lacks_qemu_q35() { lacks_qemu_microvm; }
run_qemu_q35() { qemu_tenon q35; }

lacks_qemu_microvm_linux() {
    lacks_qemu_microvm
    [ -f "$kernel" ] || echo "there is no kernel in build/nested: make nested-setup"
}
run_qemu_microvm_linux() { qemu_linux microvm; }
lacks_qemu_q35_linux() { lacks_qemu_microvm_linux; }
run_qemu_q35_linux() { qemu_linux q35; }

# native PLATFORM COMMAND...: pvbench as a program, beyond the pair of interfaces to which the peer listens.
native() {
    local platform=$1
    shift
    limited nsenter --target "$other_network" --net "$@" "${arguments[@]}" --label "$platform" --disk "$disk" \
        --net-peer "$native_peer:$port"
}
lacks_linux_native() { :; }
run_linux_native() { native linux-native "$program"; }

lacks_gvisor() { command -v runsc >/dev/null || echo "runsc is not installed"; }
run_gvisor() { native gvisor runsc --network=host "do" "$program"; }
