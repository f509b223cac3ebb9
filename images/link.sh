#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Links an image, and says it in a line where only a feature is missing: link.sh GUEST "FEATURES" "OBJECTS" LINKER...
# GUEST is the folder of the features' libraries, OBJECTS are the program's. FEATURES_OPTION is how features are named.
set -uo pipefail
export LC_ALL=C
guest=$1 features=$2 objects=$3
shift 3

# Local sockets need no network: sockets of IP are then refused at run time.
if [[ " $features " != *" net "* ]]; then
    # shellcheck disable=SC2086 # a list of words
    local_sockets=$([ -z "$objects" ] || nm -u $objects | grep -wE 'tenon_local_sockets|socketpair')
    if [ -n "$local_sockets" ]; then
        linker=$1
        shift
        set -- "$linker" -Wl,-u,_ZN5tenon5posix20make_internet_socketEiiii "$guest/libtenon-without-net.a" "$@"
    fi
fi

status=0
messages=$("$@" 2>&1) || status=$?
if [ "$status" -eq 0 ]; then
    [ -z "$messages" ] || printf '%s\n' "$messages" >&2
    exit 0
fi

defined() { nm -C --defined-only "$1" 2>/dev/null | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort -u; }
missing=$(grep -o "undefined reference to \`[^']*'" <<<"$messages" | sed "s/.*\`//; s/'$//" | sort -u)
needed=()
for library in "$guest"/libfeature-*.a; do
    feature=${library##*/libfeature-} feature=${feature%.a}
    [[ " $features " != *" $feature "* ]] || continue
    found=$(comm -12 <(echo "$missing") <(defined "$library"))
    [ -n "$found" ] || continue
    needed+=("$feature")
    missing=$(comm -23 <(echo "$missing") <(echo "$found"))
done
if [ ${#needed[@]} = 0 ] || [ -n "$missing" ]; then
    # Anything else is the linker's to say.
    printf '%s\n' "$messages" >&2
fi
if [ ${#needed[@]} != 0 ]; then
    # shellcheck disable=SC2206 # a list of words
    all=($features "${needed[@]}")
    # shellcheck disable=SC2086 # a list of words
    undefined=$([ -z "$objects" ] || nm -u $objects | sed -n 's/^ *U //p' | sort -u)
    calls=$(comm -12 <(echo "$undefined") <(defined "$guest/libtenon-sockets.a") |
        head -n 3 | paste -sd, | sed 's/,/, /g')
    printf "error: the program%s needs the feature%s %s: %s\"%s\"\n" "${calls:+ calls $calls and}" \
        "$([ ${#needed[@]} = 1 ] || echo s)" \
        "${needed[*]}" "${FEATURES_OPTION:-FEATURES=}" "${all[*]}" >&2
fi
absent=$(comm -12 <(echo "$missing") <(defined "$guest/libtenon-stubs.a") | paste -sd, | sed 's/,/, /g')
if [ -n "$absent" ]; then
    printf 'error: there is no %s; with -ftenon-stubs it links, and fails when it is called\n' "$absent" >&2
fi
exit "$status"
