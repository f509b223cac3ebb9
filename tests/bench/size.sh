# SPDX-License-Identifier: Apache-2.0
# Stripped images.
stripped_kib() {
    strip --strip-all -o "$scratch/stripped" "$images/$1.elf"
    stat -c %s "$scratch/stripped" | awk '{ printf "%.0f", $1 / 1024 }'
}
row "image of hello (C), stripped" "$(stripped_kib hello)" KiB 120
row "image of hello-cpp (iostream), stripped" "$(stripped_kib hello-cpp)" KiB 750
row "image of httpd, stripped" "$(stripped_kib httpd)" KiB 1229
