#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# x86_64-tenon-gcc and x86_64-tenon-g++: the host's compiler, for programs of the guest. It takes the compiler's own
# options, and links a bootable image. docs/building.md describes the options that begin with -ftenon-.
set -uo pipefail
# shellcheck source=/dev/null
source @BUILD@/toolchain/settings.sh
name=${0##*/}

fail() {
    printf '%s: error: %s\n' "$name" "$*" >&2
    exit 1
}

case $name in
    *++) compiler=("$tenon_cxx" "${tenon_cxxflags[@]}") ;;
    *) compiler=("$tenon_cc" "${tenon_cflags[@]}") ;;
esac

# What the options ask for.
read -ra features <<<"${TENON_FEATURES:-console}"
libraries=("${tenon_libraries[@]}")
files='' notice=${TENON_NOTICE:-} run='' output=a.out
links=yes whole=yes
inputs=()    # files and libraries that are compiled or linked
arguments=() # of the compiler
processor=()
whole_archives=()

while [ $# != 0 ]; do
    case $1 in
        -ftenon-features=*) IFS=', ' read -ra features <<<"${1#*=}" ;;
        -ftenon-stubs) libraries+=("$tenon_stubs") ;;
        -ftenon-files=*) files=${1#*=} ;;
        -ftenon-notice=*) notice=${1#*=} ;;
        -ftenon-run) run=yes ;;
        -ftenon-*)
            fail "there is no option $1, only -ftenon-features= -ftenon-stubs -ftenon-files= -ftenon-notice=" \
                "-ftenon-run"
            ;;
        -shared)
            fail "-shared: an image is one static program without shared libraries" \
                "(configure --disable-shared, cmake -DBUILD_SHARED_LIBS=OFF, meson -Ddefault_library=static)"
            ;;
        # One static image is all that is linked, and the libraries of the C and C++ languages are in it.
        -static | -static-pie | -pie | -no-pie | -rdynamic | -static-libgcc | -static-libstdc++) ;;
        -lc | -lm | -lpthread | -ldl | -lrt | -lutil | -lcrypt | -lstdc++ | -lgcc) ;;
        -c | -S | -E | -M | -MM | -fsyntax-only | -print-* | -dump*version | -dumpspecs | --version | --help | \
            --help=* | --target-help)
            links=
            arguments+=("$1")
            ;;
        -dumpmachine)
            echo x86_64-tenon-elf
            exit
            ;;
        # Parts for a later link: as the compiler does it.
        -r)
            whole=
            arguments+=("$1" -nostdlib)
            ;;
        -march=*)
            # AVX-512 is not in the baseline of a guest's registers.
            processor=(-mno-avx512f)
            arguments+=("$1")
            ;;
        -o)
            output=${2-}
            arguments+=("${@:1:2}")
            shift
            ;;
        -o?*)
            output=${1#-o}
            arguments+=("$1")
            ;;
        # Options with a word of their own.
        -x | -I | -D | -U | -L | -T | -u | -include | -imacros | -isystem | -iquote | -idirafter | -MF | -MT | -MQ | \
            -Xlinker | -Xassembler | -Xpreprocessor | -aux-info | --param | -z | -e | -A)
            arguments+=("${@:1:2}")
            shift
            ;;
        -[!l]*) arguments+=("$1") ;;
        *)
            inputs+=("$1")
            arguments+=("$1")
            ;;
    esac
    [ $# = 0 ] || shift
done

if [ ${#inputs[@]} = 0 ] || [ -z "$links" ] || [ -z "$whole" ]; then
    exec "${compiler[@]}" "${arguments[@]}" "${processor[@]}" "${tenon_code[@]}"
fi

for feature in "${features[@]}"; do
    [[ " $tenon_features " == *" $feature "* ]] ||
        fail "there is no feature '$feature', only $tenon_features (-ftenon-features=console,net)"
    whole_archives+=("$tenon_guest/libfeature-$feature.a")
done

work=$(mktemp -d "${TMPDIR:-/tmp}/tenon-link.XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
image=${output##*/}
printf '%s\n' .data '.globl tenon_image_name' "tenon_image_name: .asciz \"${image%.elf}\"" >"$work/name.s"
as -o "$work/name.o" "$work/name.s" || exit
own=("$work/name.o") # for the linker, after the program's own
if [ -n "$files" ]; then
    [ -d "$files" ] || fail "-ftenon-files: there is no folder '$files'"
    "$tenon/images/archive.sh" "$files" "$work/archive.o" "$tenon_cc" || exit
    own+=("$work/archive.o")
fi
[ -z "$notice" ] || own+=("-Map=$work/map")
own+=(--whole-archive "${whole_archives[@]}" --no-whole-archive --start-group "${libraries[@]}" --end-group)

# -Wl, because the compiler would take a plain name for a source of the language of -x.
objects=$(printf '%s\n' "${inputs[@]}" | grep '\.o$')
FEATURES_OPTION=-ftenon-features= "$tenon/images/link.sh" "$tenon_guest" "${features[*]}" "$objects" \
    "${compiler[@]}" "${arguments[@]}" "${processor[@]}" "${tenon_code[@]}" "${tenon_ldflags[@]}" \
    "${own[@]/#/-Wl,}" || exit
[ -z "$notice" ] || "$tenon/images/notice.sh" "$work/map" "$tenon_sysroot" >"$notice" || exit
if [ -n "$run" ]; then
    # For a configure script that runs what it has built: a script that boots the image.
    mv "$output" "$output.elf" || exit
    printf '%s\n' '#!/bin/sh' "exec $tenon_run \"\$0.elf\" \"\$@\"" >"$output"
    chmod +x "$output"
fi
