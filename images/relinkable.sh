#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts together what the LGPL gives to who gets an image with libext2fs: the image's objects and Tenon's archives, the
# library's source, and a Makefile that builds the library and links them: relinkable.sh SOURCE BUNDLE LINKER WORD...
# SOURCE is the library's source as kernel/fs/ext4/ext2fs.mk packs it, LINKER WORD... the command that linked the image.
set -euo pipefail
source=$1 bundle=$2
shift 2
name=$(basename "$bundle" .relinkable.tar.gz)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=$work/$name-relinkable
mkdir -p "$top/parts" "$top/lib" "$top/libext2fs"
tar -xzf "$source" -C "$top/libext2fs"

# part FILE: a copy under a name of its own
count=0
part() {
    count=$((count + 1))
    copied=parts/$count-$(basename "$1")
    cp "$1" "$top/$copied"
}

linker=$1
shift
folders=() words=()
while [ $# != 0 ]; do
    word=$1
    shift
    case $word in
        */libext2fs.a) words+=(libext2fs/libext2fs.a) ;;
        -Wl,-Map=*) ;;
        -o) shift ;;
        -L*) folders+=("${word#-L}") ;;
        -l*)
            # The compiler's own libraries too: another version of it may link.
            library=$("$linker" "${folders[@]/#/-L}" -print-file-name="lib${word#-l}.a")
            for folder in "${folders[@]}"; do
                if [ -f "$folder/lib${word#-l}.a" ]; then library=$folder/lib${word#-l}.a; break; fi
            done
            cp "$library" "$top/lib/"
            words+=("$word")
            ;;
        -Wl,-T,*)
            part "${word#-Wl,-T,}"
            words+=("-Wl,-T,$copied")
            ;;
        -*) words+=("$word") ;;
        *)
            part "$word"
            words+=("$copied")
            ;;
    esac
done

cat >"$top/Makefile" <<END
# Builds libext2fs from libext2fs/, and links $name.elf with it. Change the library as you like.
CXX = $(basename "$linker")
$name.elf: libext2fs/libext2fs.a
	\$(CXX) -Llib ${words[*]} -o \$@
libext2fs/libext2fs.a: \$(wildcard libext2fs/ext2fs/*.[ch] libext2fs/et/*.h libext2fs/config/*.h)
	\$(MAKE) -C libext2fs
END
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -czf "$bundle" "$name-relinkable"
