#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the commands of a page as its reader would:  tests/docs/page.sh PAGE INSTALLED
#
# They run in order, in one shell, in the source tree, with the hv on PATH that was installed below INSTALLED. Nothing
# that they change lasts: the tree, /usr/local and /run are copies, network and processes are the page's own. Prints
# "run PAGE:LINE" or "skip PAGE:LINE: REASON" for each block. Ends with 1, after the reason, at the first command that
# fails or prints something else than the page shows, and when a machine or a process is left at the end.
set -euo pipefail
page=$1 installed=$2
docs=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$docs/../.." && pwd)

# This script runs twice: outside of the page's namespaces, and in them.
if [ "${3:-}" != inside ]; then
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/tenon-page.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    mkdir "$scratch"/{blocks,layers}
    awk -v directory="$scratch/blocks" -f "$docs/blocks.awk" "$page" || exit 1
    status=0
    TENON_PAGE=$scratch timeout --kill-after=5 "${TENON_PAGE_LIMIT:-300}" \
        unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$page" "$installed" inside || status=$?
    if [ $status = 124 ]; then echo "$page: did not end within its time"; fi
    if [ $status != 0 ]; then exit 1; fi
    exit 0
fi

page_scratch=$TENON_PAGE
unset TENON_PAGE MAKEFLAGS XDG_RUNTIME_DIR
# copy_of DIRECTORIES AT: the contents of directories, the first over the next, at AT, where changes do not last.
copy_of() {
    local layer=$page_scratch/layers/${2//\//-}
    mkdir -p "$layer"/{upper,work}
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" "$2"
}
mount -t tmpfs tmpfs "$page_scratch/layers"
copy_of "$root" "$root"
copy_of "$installed/usr/local:/usr/local" /usr/local
mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up
export HOME=$page_scratch/layers/home PATH=/usr/local/bin:$PATH TERM=dumb
mkdir "$HOME"
# On a reader's terminal curl shows no progress.
printf '%s\n' silent show-error >"$HOME/.curlrc"
cd "$root"

# Names that begin with page_ are this script's, everything else is the page's.
page_fail() {
    trap - EXIT
    echo "$page_place: $*"
    if [ -s "$page_output" ]; then sed 's/^/    /' "$page_output" | tail -n 20; fi
    exit 1
}
page_output=$page_scratch/output page_place=$page
: >"$page_output"

# page_sh COMMANDS: the first one that fails ends the page.
page_sh() {
    set -E
    trap 'page_failed=$BASH_COMMAND' ERR
    trap 'page_fail "failed: ${page_failed:-exit}"' EXIT
    eval "$1" >"$page_output" 2>&1 </dev/null
    trap - ERR EXIT
    set +E
}

# page_console BLOCK: its commands one by one; a command that fails must be followed by `echo $?`.
page_console() {
    page_status=0 page_command=''
    local line
    while IFS= read -r line; do
        case $line in
            '$ '*)
                page_end_command
                page_command=${line#'$ '} page_expected='' page_shows=''
                ;;
            '> '*) page_command+=$'\n'${line#'> '} ;;
            *)
                if [ -z "$page_command" ]; then page_fail "output before the first command: $line"; fi
                page_expected+=$line$'\n' page_shows=1
                ;;
        esac
    done <<<"$1"
    page_end_command
    if [ "$page_status" != 0 ]; then page_fail "'$page_command' ended with status $page_status"; fi
}
page_end_command() {
    if [ -z "$page_command" ]; then return; fi
    # shellcheck disable=SC2016 # the page's words
    if [ "$page_status" != 0 ] && [ "$page_command" != 'echo $?' ]; then
        page_fail "the command before '$page_command' ended with status $page_status"
    fi
    set +e
    page_set_status
    eval "$page_command" >"$page_output" 2>&1 </dev/null
    page_status=$?
    set -e
    if [ -z "$page_shows" ]; then return; fi
    printf %s "$page_expected" >"$page_scratch/expected"
    # A serial port ends its lines as a terminal does.
    tr -d '\r' <"$page_output" >"$page_scratch/lines"
    if ! awk -f "$docs/matches.awk" "$page_scratch/expected" "$page_scratch/lines"; then
        page_fail "'$page_command' prints something else than the page shows"
    fi
}
page_set_status() { return "$page_status"; }

# page_until TEXT COMMAND: Ctrl-C when it has printed TEXT. That is no failure, however the command takes it.
page_until() {
    local job deadline=$((SECONDS + 60)) status=0
    set -m
    eval "$2" >"$page_output" 2>&1 </dev/null &
    job=$!
    set +m
    until grep -qF -- "$1" "$page_output"; do
        if [ $SECONDS -ge $deadline ] || [ ! -e "/proc/$job" ]; then page_fail "did not print '$1': $2"; fi
        sleep 0.02
    done
    kill -INT -- "-$job"
    wait $job || status=$?
    case $status in
        0 | 130) ;;
        *) page_fail "ended with status $status after Ctrl-C: $2" ;;
    esac
}

# page_processes: all but this shell, which is the first one here; made without another process.
page_processes() {
    local process state
    for process in /proc/[0-9]*; do
        if [ "$process" = /proc/1 ] || ! read -r state 2>/dev/null <"$process/stat"; then continue; fi
        case $state in
            *') Z '*) ;;
            *) echo "${state%%)*})" ;;
        esac
    done
}

mapfile -t page_list <"$page_scratch/blocks/list"
set +u
for page_item in "${page_list[@]}"; do
    IFS=$'\t' read -r page_number page_line page_language page_directive <<<"$page_item"
    page_place=${page#"$root/"}:$page_line
    page_block=$(<"$page_scratch/blocks/$page_number")
    case $page_directive in
        "not run here: "*)
            echo "skip $page_place: ${page_directive#*: }"
            continue
            ;;
        "needs: "*)
            if ! eval "${page_directive#*: }" >/dev/null 2>&1 </dev/null; then
                echo "skip $page_place: '${page_directive#*: }' fails on this machine"
                continue
            fi
            "page_$page_language" "$page_block"
            ;;
        "Ctrl-C after: "*) page_until "${page_directive#*: }" "$page_block" ;;
        *) "page_$page_language" "$page_block" ;;
    esac
    echo "run $page_place"
done

: >"$page_output"
page_place=${page#"$root/"}
hv ps -a -q >"$page_output"
if [ -s "$page_output" ]; then page_fail "machines are left at the end"; fi
page_deadline=$((SECONDS + 5))
while page_processes >"$page_output" && [ -s "$page_output" ]; do
    if [ $SECONDS -ge $page_deadline ]; then page_fail "processes are left at the end"; fi
    sleep 0.02
done
