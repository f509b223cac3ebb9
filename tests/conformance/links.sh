#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every function that the guest's headers declare can be linked, and every header can be included alone:
#
#   links.sh SCRATCH     prints what cannot and is not in unlinked.txt, and what is in it for nothing; nothing if all
#                        is well
#
# SCRATCH/declared then holds the functions that are declared and there.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/conformance scratch=$1 guest=$root/build/guest
flag() { make -s --no-print-directory -f "$root/setup/guest-flags.mk" --eval "print:; @echo \$($1)" print; }
read -ra compiler <<<"$(flag GUEST_CC) $(flag GUEST_CFLAGS) -D_GNU_SOURCE -w"
read -ra linker <<<"$(flag GUEST_CXX) $(flag GUEST_LDFLAGS) -Wl,-u,memcpy -Wl,-T,$root/kernel/boot/image.ld"
read -ra libraries <<<"$(flag GUEST_LIBS)"
sysroot=$(flag TENON_SYSROOT)

# Not the kernel's, the compiler's and Newlib's internal ones.
headers=$(for folder in "$sysroot" "$root"/userland{,/pthread,/libc}; do
    (cd "$folder/include" && find . -name '*.h')
done)
headers=$(grep -v -e '^c++/' -e '^lwip' -e '^asm' -e '^linux/' -e '^machine/' -e '^ssp/' -e '^nlohmann' -e '^_' \
    -e '^sys/_' -e '^sys/custom_file' -e regdef -e newlib.h <<<"${headers//.\//}" | sort -u)

objects=() number=0
: >"$scratch/declared"
for header in $headers; do
    number=$((number + 1))
    unit=$scratch/unit$number
    echo "#include <$header>" >"$unit.c"
    if ! "${compiler[@]}" -aux-info "$unit.x" -fsyntax-only "$unit.c" 2>"$unit.log"; then
        echo "$header cannot be included alone: $(head -n 1 "$unit.log")"
        continue
    fi
    # Declarations of functions, where they stand in a header of ours, without those that are defined there.
    functions=$(sed -e '\#/gcc/#d' -e '\#\*/ static#d' "$unit.x" |
        sed -nE 's#^/\* [^ ]* \*/ extern [^(]*[ *]([A-Za-z_][A-Za-z0-9_]*) \(.*$#\1#p
            t
            s#^/\* [^ ]* \*/ extern [^(]*\(\*([A-Za-z_][A-Za-z0-9_]*) \(.*$#\1#p' | sort -u)
    [ -n "$functions" ] || continue
    echo "$functions" >>"$scratch/declared"
    # shellcheck disable=SC2086 # a list of words
    {
        echo "#include <$header>"
        printf '#undef %s\n' $functions
        echo "void (*const functions_${number}[])(void) = {"
        printf '(void (*)(void))%s,\n' $functions
        echo "};"
    } >"$unit.c"
    "${compiler[@]}" -c "$unit.c" -o "$unit.o"
    objects+=("$unit.o")
done
sort -u "$scratch/declared" -o "$scratch/declared"

units=$(printf '%s\n' "${objects[@]}" | sed 's#.*/unit\([0-9]*\)\.o#\1#')
# shellcheck disable=SC2086 # a list of words
{
    printf 'extern void (*const functions_%s[])(void);\n' $units
    echo "int main(void) { int sum = 0;"
    printf 'sum += functions_%s[sum & 0] != 0;\n' $units
    echo "return sum; }"
} >"$scratch/main.c"
"${compiler[@]}" -O0 -c "$scratch/main.c" -o "$scratch/main.o"
"${linker[@]}" "$scratch/main.o" "${objects[@]}" \
    -Wl,--whole-archive "$guest"/libfeature-{console,net}.a -Wl,--no-whole-archive \
    -Wl,--start-group "$guest"/lib{tenon-userland,tenon-stubs,tenon-sockets,tenon,lwip,cares,ext2fs}.a \
    "${libraries[@]}" -Wl,--end-group -o "$scratch/all.elf" 2>"$scratch/link.log" || true
sed -n "s/.*undefined reference to \`\([^']*\)'.*/\1/p" "$scratch/link.log" | sort -u >"$scratch/undefined"
if [ ! -s "$scratch/undefined" ] && [ ! -s "$scratch/all.elf" ]; then head -n 5 "$scratch/link.log"; fi

sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)\( .*\|$\)/\1/p' "$here/unlinked.txt" | sort -u >"$scratch/known"
comm -23 "$scratch/undefined" "$scratch/known" | sed 's/$/ is declared and cannot be linked/'
comm -13 "$scratch/undefined" "$scratch/known" | sed 's/$/ is in unlinked.txt, and can be linked or is not declared/'
comm -23 "$scratch/declared" "$scratch/undefined" >"$scratch/there"
mv "$scratch/there" "$scratch/declared"
