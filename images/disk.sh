#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a disk that UEFI boots: disk.sh PROGRAM.efi COMMAND-LINE DATA-SIZE OUTPUT.img
#
# Partition 1 is the EFI system partition: EFI/BOOT/BOOTX64.EFI and cmdline.txt, the kernel's command line. Partition 2
# is empty and of DATA-SIZE (64M, 1G; as truncate(1) has it); without a size there is none. The same arguments give the
# same bytes: identifiers are made from the content, times are constant.
set -euo pipefail
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1577836800 MTOOLSRC=/dev/null
# mtools and sfdisk; users may not have these folders in PATH.
PATH=$PATH:/usr/sbin:/sbin
program=$1 command_line=$2 data=$3 output=$4

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
for tool in mformat sfdisk; do
    command -v "$tool" >/dev/null || fail "there is no $tool (apt-get install mtools fdisk)"
done

mebibyte=$((1 << 20)) sector=512
mebibytes() { echo $((($1 + mebibyte - 1) / mebibyte)); }
data_bytes=0
if [ -n "$data" ]; then
    data_bytes=$(numfmt --from=iec -- "$data" 2>/dev/null) || data_bytes=0
    [ "$data_bytes" -gt 0 ] || fail "the data partition's size is '$data', expected a size such as 64M or 2G"
fi
if [ ${#command_line} -gt 4096 ]; then fail "the command line is longer than 4096 characters"; fi

# FAT32 has at least 65525 clusters: 33 MiB with its tables. The rest is room for a larger program.
system=$(($(mebibytes "$(stat -c %s "$program")") * 2 + 34))
size=$((1 + system + $(mebibytes "$data_bytes") + 1))

seed=$({ cat "$program"; printf '\n%s\n%s\n' "$command_line" "$data_bytes"; } | sha256sum | cut -d' ' -f1)
# identifier NAME: a UUID (version 8: of our own making).
identifier() {
    sha256sum <<<"$seed $1" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-8\3-8\4-\5/'
}

disk=$(mktemp "$output.XXXXXX")
text=$(mktemp)
trap 'rm -f "$disk" "$text"' EXIT
truncate --size "${size}M" "$disk"
{
    printf 'label: gpt\nlabel-id: %s\n' "$(identifier disk)"
    printf 'start=%d, size=%d, type=uefi, uuid=%s, name="EFI system"\n' $((mebibyte / sector)) \
        $((system * mebibyte / sector)) "$(identifier system)"
    if [ "$data_bytes" != 0 ]; then
        printf 'start=%d, size=%d, type=linux, uuid=%s, name="data"\n' $(((1 + system) * mebibyte / sector)) \
            $((data_bytes / sector)) "$(identifier data)"
    fi
} | sfdisk --quiet --no-tell-kernel "$disk" >/dev/null

{
    echo "# The kernel's command line: options of the kernel, then -- and the program's arguments."
    echo "# It may have several lines. A line that begins with # is a comment."
    printf '%s\n' "$command_line"
} >"$text"
system_partition=(-i "$disk@@1M")
mformat "${system_partition[@]}" -F -c 1 -H $((mebibyte / sector)) -T $((system * mebibyte / sector)) -h 16 -s 63 \
    -N "${seed:0:8}" -v TENON ::
mmd "${system_partition[@]}" ::/EFI ::/EFI/BOOT
mcopy "${system_partition[@]}" "$program" ::/EFI/BOOT/BOOTX64.EFI
mcopy "${system_partition[@]}" "$text" ::/cmdline.txt
chmod 644 "$disk"
mv "$disk" "$output"
