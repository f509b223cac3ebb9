# SPDX-License-Identifier: Apache-2.0
# Disks that UEFI boots, on OVMF. Sourced by run.sh.

firmware=/usr/share/OVMF
# Firmware takes some 5 s of processor time for itself.
uefi_patience=600

# start_uefi OPTIONS...: a q35 with OVMF in the background, in $emulator; its serial port in the file `serial`.
start_uefi() {
    [ -e variables.fd ] || cp "$firmware/OVMF_VARS_4M.fd" variables.fd
    choose_cpus "$@"
    qemu-system-x86_64 -accel tcg -cpu max "${cpus[@]}" -m 128M -display none -monitor none -nodefaults \
        -no-user-config -drive "if=pflash,format=raw,readonly=on,file=${uefi_code:-$firmware/OVMF_CODE_4M.fd}" \
        -drive if=pflash,format=raw,file=variables.fd -serial file:serial "$@" </dev/null &
    emulator=$!
    at_end kill -KILL "$emulator"
}
emulator_succeeds() {
    poll "$uefi_patience" ended
    status=0
    wait "$emulator" || status=$?
    expect "QEMU's status" "$status" 0
}

# with_command_line IMAGE TEXT: a copy of its disk, whose cmdline.txt a person has edited, in $disk.
with_command_line() {
    disk=$1.img
    cp --sparse=always "$images/$1.img" "$disk"
    printf '%s\n' "$2" >cmdline.txt
    mcopy -o -i "$disk@@1M" cmdline.txt ::/cmdline.txt
}
virtio_disk() { echo "-drive if=none,id=$1,format=raw,file=$2 -device virtio-blk-pci,drive=$1${3:+,$3}"; }

# start_httpd_on OPTIONS...: as start_uefi, with a network whose page is awaited.
start_httpd_on() {
    local port_options
    port=$((10000 + RANDOM % 22000))
    port_options="user,id=net,hostfwd=tcp:127.0.0.1:$port-:80"
    rm -f agent
    start_uefi -netdev "$port_options" -device virtio-net-pci,netdev=net -device virtio-serial-pci \
        -chardev file,id=console,path=console -device virtconsole,chardev=console \
        -chardev socket,id=agent,path=agent,server=on,wait=off "${agent_port[@]}" "$@"
    poll "$uefi_patience" page_or_end
    contains page "$(cat page)" Tenon
}
started_again() { [ "$(grep -c 'BdsDxe: starting' serial)" = 2 ] && page_or_end; }

# Serves from a virtio disk, restarts through the firmware, and is switched off by ACPI.
uefi_virtio_disk() {
    cp --sparse=always "$images/httpd.img" disk.img
    # shellcheck disable=SC2046 # a list of words
    start_httpd_on -M q35 $(virtio_disk boot disk.img)
    ask_agent '{"execute":"guest-shutdown","arguments":{"mode":"reboot"}}'
    poll "$uefi_patience" started_again
    contains "the page after the restart" "$(cat page)" Tenon
    poll "$patience" agent_answers
    ask_agent '{"execute":"guest-shutdown"}'
    emulator_succeeds
}

uefi_usb_stick_and_data_partition() {
    local data=$((40 << 20)) image=stick.img start size
    "$root/images/disk.sh" "$images/behave.efi" "-- disk verify /dev/vda2" 3M "$image"
    read -r start size < <(sfdisk --json "$image" | jq -r '.partitiontable.partitions[1] | "\(.start) \(.size)"')
    expect "the data partition's sectors" "$size" $((3 << 11))
    cp --sparse=always "$image" data.img
    # The stick is no disk of Tenon's; the same disk with another command line is.
    # shellcheck disable=SC2046 # a list of words
    start_uefi -M q35 -device qemu-xhci -drive if=none,id=stick,format=raw,file="$image" \
        -device usb-storage,drive=stick,bootindex=1 $(virtio_disk data data.img) "${pci_console[@]}"
    emulator_succeeds
    contains console "$(tr -d '\r' <console)" verified
    # Nothing outside of the partition was written.
    cmp -n $((start * 512)) "$image" data.img
    expect "the rest of the disk" "$(cmp -l -i $(((start + size) * 512)) "$image" data.img | wc -l)" 0
    [ "$(tr -d '\0' <data.img | wc -c)" -gt $((data / 40)) ]
}

uefi_two_processors_behind_root_ports() {
    with_command_line httpd "verbose"
    # shellcheck disable=SC2046 # a list of words
    start_httpd_on -M q35 -smp 2 -device pcie-root-port,id=port1,chassis=1 -device pcie-root-port,id=port2,chassis=2 \
        $(virtio_disk boot "$disk" bus=port1) -device virtio-rng-pci,bus=port2
    contains serial "$(cat serial)" "tenon loader: image of "
    contains console "$(cat serial console)" "virtio_rng over pci"
    poll "$patience" agent_answers
    ask_agent '{"execute":"guest-shutdown"}'
    emulator_succeeds
}

uefi_processors_are_found() {
    "$root/images/disk.sh" "$images/behave.efi" "-- cpus count" "" count.img
    # shellcheck disable=SC2046 # a list of words
    start_uefi -M q35 -smp 2 $(virtio_disk boot count.img)
    emulator_succeeds
    contains serial "$(tr -d '\r' <serial)" "vCPUs: 2"
}

# spoil FILE OFFSET BYTES: overwrites.
spoil() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
# move_data FILE: the image's writable segment to where OVMF keeps memory. Without section headers, by which objcopy
# would undo it.
move_data() {
    /usr/bin/python3 - "$1" <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    image = bytearray(file.read())
    (headers,) = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    for at in range(headers, headers + count * size, size):
        kind, flags = struct.unpack_from("<II", image, at)
        if kind == 1 and flags & 2:
            for field in (at + 16, at + 24):
                struct.pack_into("<Q", image, field, struct.unpack_from("<Q", image, field)[0] + 0x600000)
    struct.pack_into("<Q", image, 40, 0)
    struct.pack_into("<HH", image, 60, 0, 0)
    file.seek(0)
    file.write(image)
END
}

# Each refusal says what and why, and the firmware goes on to its next disk.
uefi_refusals() {
    local name index=0 disks=()
    for name in truncated far; do objcopy --strip-all "$images/hello.elf" $name; done
    truncate --size 20000 truncated
    move_data far
    for name in truncated far; do
        "$root/images/carry.sh" "$root/build/loader/loader.so" $name $name.efi
        "$root/images/disk.sh" $name.efi "" "" $name.img
    done
    with_command_line hello ""
    printf 'v\0e\0r\0b\0o\0s\0e\0' >wide.txt
    mcopy -o -i hello.img@@1M wide.txt ::/cmdline.txt
    mv hello.img wide.img
    with_command_line hello verbose
    for name in truncated far wide hello; do
        index=$((index + 1))
        # shellcheck disable=SC2207 # a list of words
        disks+=($(virtio_disk $name $name.img bootindex=$index))
    done
    start_uefi -M q35 "${disks[@]}"
    emulator_succeeds
    local text
    text=$(tr -d '\r' <serial)
    contains "a truncated image" "$text" "cannot boot: a segment lies outside of the file (is it truncated?)"
    contains "memory that the firmware keeps" "$text" "and the firmware keeps 0x8"
    contains "UTF-16" "$text" "byte 0x1 of cmdline.txt is 0x0"
    contains "what is right at last" "$text" "Hello from Tenon"
    expect "refusals" "$(grep -c 'cannot boot' <<<"$text")" 3
}

# An unsigned disk, one signed and changed afterwards, and a signed one, in the firmware's order.
uefi_secure_boot() {
    openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=test/" -keyout key -out certificate 2>/dev/null
    openssl x509 -in certificate -outform DER -out certificate.der
    /usr/bin/python3 "$root/tests/foreign/enrol.py" "$firmware/OVMF_VARS_4M.fd" certificate.der variables.fd
    sbsign --key key --cert certificate --output signed.efi "$images/hello.efi" 2>/dev/null
    cp signed.efi changed.efi
    # In the image that the loader carries, not in its own code.
    local place
    place=$(grep -abo "Hello from Tenon" signed.efi | head -n 1 | cut -d: -f1)
    spoil changed.efi "$place" J
    cp "$images/hello.efi" unsigned.efi
    local name index=0 disks=()
    for name in unsigned changed signed; do
        index=$((index + 1))
        "$root/images/disk.sh" $name.efi "" "" $name.img
        # shellcheck disable=SC2207 # a list of words
        disks+=($(virtio_disk $name $name.img bootindex=$index))
    done
    uefi_code=$firmware/OVMF_CODE_4M.secboot.fd
    start_uefi -M q35,smm=on -global driver=cfi.pflash01,property=secure,value=on "${disks[@]}"
    emulator_succeeds
    local text
    text=$(tr -d '\r' <serial)
    expect "disks that the firmware refused" "$(grep -c 'BdsDxe: failed to .*: Access Denied' <<<"$text")" 2
    contains "the signed one" "$text" "Hello from Tenon"
}

# reproducible: two builds give the same bytes, at another time and in another place.
uefi_disks_are_reproducible() {
    mkdir one two
    local place
    for place in one two; do
        "$root/images/carry.sh" "$root/build/loader/loader.so" "$images/hello.elf" $place/hello.efi
        TZ=Asia/Tokyo SOURCE_DATE_EPOCH=$RANDOM "$root/images/disk.sh" $place/hello.efi "verbose" 4M $place/hello.img
        # FAT's times have a grain of 2 s.
        [ $place = two ] || poll 5 eval "[ \$((\$(date +%s) - $(date +%s))) -ge 2 ]"
    done
    cmp one/hello.efi two/hello.efi
    cmp one/hello.img two/hello.img
    sfdisk --verify one/hello.img
    expect "types of partitions" "$(sfdisk --json one/hello.img | jq -r '.partitiontable.partitions[].type')" \
        $'C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n0FC63DAF-8483-4772-8E79-3D69D8477DE4'
    contains "a size that is none" "$("$root/images/disk.sh" one/hello.efi "" many no.img 2>&1 || true)" \
        "the data partition's size is 'many'"
    not test -e no.img
}

# Formats of clouds and other hypervisors: back to raw, nothing has changed.
uefi_disks_convert() {
    local format options
    for format in qcow2 vmdk vpc vhdx; do
        options=()
        case $format in
            vmdk) options=(-o subformat=streamOptimized) ;;
            vpc) options=(-o subformat=fixed,force_size=on) ;;
        esac
        qemu-img convert -f raw -O $format "${options[@]}" "$images/hello.img" disk.$format
        qemu-img convert -f $format -O raw disk.$format back.img
        cmp "$images/hello.img" back.img
    done
}

if [ -e "$firmware/OVMF_CODE_4M.secboot.fd" ]; then
    for name in uefi_disks_are_reproducible uefi_disks_convert uefi_virtio_disk uefi_usb_stick_and_data_partition \
        uefi_two_processors_behind_root_ports uefi_processors_are_found uefi_refusals uefi_secure_boot; do
        # shellcheck disable=SC2053 # a pattern
        [[ $name == ${FOREIGN_CASES:-*} ]] || continue
        # The firmware puts disks that it does not know behind the entries of its variables, its shell among them.
        rm -f "$scratch/variables.fd"
        test_case "foreign_$name" "$name"
    done
else
    skip_case foreign_uefi "there is no OVMF in $firmware"
fi
