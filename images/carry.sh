#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a UEFI program of the loader and the image that it carries: carry.sh LOADER IMAGE.elf OUTPUT.efi
# The same files give the same bytes: objcopy writes no time into a PE file that it makes from an ELF file.
set -euo pipefail
export LC_ALL=C
loader=$1 image=$2 output=$3
# Far behind the loader's own sections, which have 40 KiB: firmware refuses sections that overlap.
address=0x40000

stripped=$output.stripped
trap 'rm -f "$stripped"' EXIT
# A file of another kind is carried as it is: the loader says what is wrong with it.
objcopy --strip-all "$image" "$stripped" 2>/dev/null || cp "$image" "$stripped"
objcopy --add-section ".tenon=$stripped" --set-section-flags .tenon=alloc,load,readonly,data \
    --change-section-address ".tenon=$address" -j .text -j .data -j .dynamic -j .dynsym -j .rela -j .reloc -j .tenon \
    --target efi-app-x86_64 "$loader" "$output"
chmod -x "$output"
