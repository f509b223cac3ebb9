# SPDX-License-Identifier: Apache-2.0
# What every set-up script shares: places, stamps, progress. To be sourced, not run.
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${TENON_BUILD:-$root/build}
sysroot=$build/sysroot
jobs=${TENON_JOBS:-$(nproc)}
stamps=$build/.stamps
mkdir -p "$stamps"

# The name of the script, and its place among the steps when setup.sh runs it ("[2/7] ").
step_name=$(basename "$0" .sh)
step_prefix=${TENON_STEP:+$TENON_STEP }

say() { printf '%s%s: %s\n' "$step_prefix" "$step_name" "$*"; }

fail() {
    printf '%s%s: error: %s\n' "$step_prefix" "$step_name" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "only root can do this, and there is no sudo: $*"
    fi
}

# One line that changes when any of the named files does. Words that are no files (versions, flags) count by themselves,
# but not the repository's place: what is built is the same in another one.
key_of() {
    local word
    for word in "$@"; do
        if [ -f "$word" ]; then cat "$word"; else printf '%s\n' "${word//"$root"/}"; fi
    done | sha256sum | cut -d' ' -f1
}

# Package version, as a part of a key: a new version of the sources is built anew.
version_of() { dpkg-query -W -f='${Version}' "$1"; }

# The value of a variable of guest-flags.mk, so that the flags are written once.
flag() {
    make -s --no-print-directory -f "$root/setup/guest-flags.mk" --eval "print:; @echo \$($1)" print \
        TENON_BUILD="$build"
}

# What C text means, as a part of a key: comments and layout do not count. Arguments are the compiler's.
meaning_of() { "$(flag GUEST_CC)" "$@" -dD -E -P -x c - 2>&1 | tr -s '[:space:]' ' ' | sha256sum; }

# A stamp holds the key that its result was made from.
is_done() { [ -f "$stamps/$1" ] && [ "$(<"$stamps/$1")" = "$2" ]; }
mark_done() { printf '%s\n' "$2" >"$stamps/$1"; }

# run_counted LOG TOTAL PATTERN COMMAND...: runs a long command with its output in LOG, and shows how many of about
# TOTAL lines with PATTERN have come: in place on a terminal, else a line every quarter. A failure shows the end of the
# log.
run_counted() {
    local log=$1 total=$2 pattern=$3
    shift 3
    local percent shown=0 count started=$SECONDS status=0
    "$@" >"$log" 2>&1 &
    local child=$!
    # A set-up that is interrupted must not leave a build running in the background.
    trap 'kill "$child" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.5
        count=$(grep -c -e "$pattern" "$log" || true)
        percent=$((count * 100 / total))
        [ "$percent" -le 99 ] || percent=99
        if [ -t 1 ]; then
            printf '\r%s%s: %d %% (%d s) ' "$step_prefix" "$step_name" "$percent" $((SECONDS - started))
        elif [ "$percent" -ge $((shown + 25)) ]; then
            shown=$((percent / 25 * 25))
            say "$shown %"
        fi
    done
    wait "$child" || status=$?
    trap - INT TERM
    [ ! -t 1 ] || printf '\r\033[K'
    if [ "$status" != 0 ]; then
        tail -n 20 "$log" | cut -c 1-300 >&2
        fail "failed with code $status, see $log"
    fi
    say "done ($((SECONDS - started)) s)"
}

# fetch_source PACKAGE [FOLDER]: the source of a Debian package, with Debian's patches, in FOLDER/src, which is else
# build/PACKAGE/src. From the machine's own archive: most machines have no list of sources, so it is made from the lists
# that they do have, in a place of our own; the machine's configuration is neither changed nor needed to be writable.
fetch_source() {
    local package=$1 work=${2:-$build/$1} lists=$build/source-lists list='' parts='' file version
    rm -rf "$work"
    mkdir -p "$work/apt" "$lists"/{lists/partial,parts,cache/archives/partial}
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "$list" "$parts"/*.list; do
        [ -f "$file" ] || continue
        sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" >"$lists/parts/$(basename "$file")"
    done
    for file in "$parts"/*.sources; do
        [ -f "$file" ] || continue
        sed 's/^Types:.*/Types: deb-src/' "$file" >"$lists/parts/$(basename "$file")"
    done
    local apt_options=(
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$lists/parts"
        -o Dir::State::Lists="$lists/lists" -o Dir::Cache="$lists/cache" -o APT::Get::List-Cleanup=0 \
        -o APT::Sandbox::User=root
    )
    # The lists serve several packages of one set-up.
    if [ -z "$(find "$lists/updated" -mmin -60 2>/dev/null)" ]; then
        say "fetching the list of source packages"
        # Some of the machine's archives may offer no sources: that is an error to apt, but not to us.
        apt-get "${apt_options[@]}" update >"$work/apt.log" 2>&1 || true
        touch "$lists/updated"
    fi
    say "fetching the source of $package"
    # A mirror may not have the newest version yet that its lists name.
    for version in $(apt-cache "${apt_options[@]}" showsrc --only-source "$package" 2>>"$work/apt.log" |
        sed -n 's/^Version: //p' | sort -rVu); do
        if (cd "$work/apt" && apt-get "${apt_options[@]}" source --only-source "$package=$version") \
            >>"$work/apt.log" 2>&1; then break; fi
    done
    mv "$work/apt"/*/ "$work/src" 2>/dev/null || {
        tail -n 10 "$work/apt.log" >&2
        fail "apt-get could not fetch the source of $package, see $work/apt.log"
    }
    rm -rf "$work/apt"
}
