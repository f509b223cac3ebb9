# SPDX-License-Identifier: Apache-2.0
# Sourced by the shell tiers: cases that print one line each, and a sum at the end.
#
#   test_case NAME FUNCTION     runs FUNCTION in a subshell; its last line of stderr is the reason when it fails
#   root_case WHAT NAME FUNCTION the same for what needs root, for WHAT; a user skips it
#   skip_case NAME REASON       counts it as skipped
#   poll SECONDS COMMAND...     repeats COMMAND until it succeeds; fails at the deadline
#   at_end COMMAND...           inside a case: runs COMMAND when the case ends
#   finish                      prints the sum; its exit status is the tier's
#
# Assertions inside a case, which runs under `set -e`: there, `! command` never fails a script, and neither does the
# left side of `&&`. What must not hold is asserted by `not`, and bounds by `between`:
#
#   expect WHAT ACTUAL EXPECTED       two texts are the same
#   contains WHAT TEXT PART           PART stands in TEXT
#   not COMMAND...                    COMMAND answers "no"
#   between WHAT NUMBER LOW HIGH      LOW <= NUMBER <= HIGH, in integers

passed=0 failed=0 skipped=0
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hv=$root/build/hv
images=$root/build/images
# Directory for all files of the cases.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tenon-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# at_end COMMAND...: runs when the case ends, however it does; last registered first.
at_end() { case_end=("$(printf '%q ' "$@")" "${case_end[@]}"); }
case_end=()

# Processes that a failed case has started must end.
end_case() {
    local job command
    for job in $(jobs -pr); do kill -KILL "$job" 2>/dev/null || true; done
    for command in "${case_end[@]}"; do eval "$command" || true; done
}

# The trap of ERR in a case. A command that fails within $(...) does not end the case if it stands in another command's
# arguments: expect WHAT "$(command)" "" would pass. So it is remembered, and told at the end: standard error may be
# redirected where it fails.
failed_command() {
    local text
    text="${BASH_SOURCE[1]##*/}:${BASH_LINENO[0]}: failed: $1"
    echo "$text" >&2
    if [ "$BASHPID" != "$case_process" ]; then echo "in a subshell: $text" >>"$overlooked"; fi
}

test_case() {
    local name=$1 log=$scratch/log.$((passed + failed)) outer=$- status
    # Of this case only: what an earlier one has left running may fail later.
    local overlooked=$scratch/overlooked.$((passed + failed))
    shift
    # Not as a condition: there, a shell and its subshells ignore -e, and only a function's last command would count.
    set +e
    rm -f "$overlooked"
    (
        set -Eeuo pipefail
        shopt -s inherit_errexit
        case_process=$BASHPID
        trap end_case EXIT
        # Most commands that fail are tests like [ a -lt b ], which say nothing themselves.
        trap 'failed_command "$BASH_COMMAND"' ERR
        cd "$scratch"
        "$@"
    ) >"$log" 2>&1
    status=$?
    if [[ $outer == *e* ]]; then set -e; fi
    if [ -e "$overlooked" ]; then
        status=1
        cat "$overlooked" >>"$log"
    fi
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        echo "not ok $name"
        sed 's/^/    /' "$log" | tail -n 30
    fi
}

root_case() {
    if [ "$(id -u)" = 0 ]; then test_case "${@:2}"; else skip_case "$2" "needs root for $1: sudo make test"; fi
}

skip_case() {
    skipped=$((skipped + 1))
    echo "skip $1: $2"
}

poll() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ $SECONDS -ge $deadline ]; then
            echo "not within the deadline: $*" >&2
            return 1
        fi
        sleep 0.02
    done
}

# expect WHAT ACTUAL EXPECTED
expect() {
    if [ "$2" != "$3" ]; then
        echo "$1: '$2', expected '$3'" >&2
        return 1
    fi
}

# contains WHAT TEXT PART
contains() {
    if [[ "$2" != *"$3"* ]]; then
        printf '%s: does not contain "%s" but is:\n%s\n' "$1" "$3" "$2" >&2
        return 1
    fi
}

# not COMMAND...: succeeds if COMMAND answers "no", which is exit status 1. Any other failure is no answer: a command
# that does not exist, a file that grep cannot read, a death by a signal.
not() {
    local status=0
    "$@" || status=$?
    case $status in
        1) ;;
        0) echo "holds, but must not: $*" >&2; return 1 ;;
        *) echo "exit status $status, which is no answer: $*" >&2; return 1 ;;
    esac
}

# between WHAT NUMBER LOW HIGH
between() {
    local number
    for number in "${@:2:3}"; do
        if ! [[ $number =~ ^-?[0-9]+$ ]]; then
            echo "$1: '$number' is not an integer" >&2
            return 1
        fi
    done
    if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
        echo "$1: $2, expected $3 to $4" >&2
        return 1
    fi
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ]
}
