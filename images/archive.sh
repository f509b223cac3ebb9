#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs a folder into a cpio archive inside an object file: archive.sh FOLDER OUTPUT.o COMPILER
# The same folder gives the same bytes: names are sorted, owners are root.
set -euo pipefail
folder=$1 output=$(realpath -m "$2") compiler=$3
mkdir -p "$(dirname "$output")"
(cd "$folder" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
    cpio --quiet -o -H newc --reproducible --owner=0:0) >"$output.cpio"
"$compiler" -c -x assembler - -o "$output" <<EOF
    .section .rodata.archive, "a"
    .balign 16
    .global __archive_begin, __archive_end
__archive_begin:
    .incbin "$output.cpio"
__archive_end:
    .section .note.GNU-stack, "", @progbits
EOF
