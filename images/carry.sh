#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts an image into the UEFI loader: carry.sh LOADER.efi IMAGE.elf OUTPUT.efi
# The same files give the same bytes: the time in the output is constant.
set -euo pipefail
export LC_ALL=C SOURCE_DATE_EPOCH=1577836800
loader=$1 image=$2 output=$3
# Behind the loader's own sections, which images/loader/loader.mk keeps below this address.
address=0x20000

stripped=$output.stripped
trap 'rm -f "$stripped"' EXIT
# A file that is no ELF file is carried as it is: the loader says what it is.
objcopy --strip-all "$image" "$stripped" 2>/dev/null || cp "$image" "$stripped"
objcopy --add-section ".tenon=$stripped" --set-section-flags .tenon=alloc,load,readonly,data \
    --change-section-vma ".tenon=$address" "$loader" "$output"
chmod -x "$output"
