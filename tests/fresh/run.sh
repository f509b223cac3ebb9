#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# README's two commands in a bare Debian 12, each the first one there: tests/fresh/run.sh [USER:TARGET...]
#
# A run is a root file system of its own with a clone of HEAD, in which a user (root, or "user", who has sudo) gives the
# commands of README that make one of the targets. Several targets follow each other in one root: root:run,test. The
# last line sums up: the tests that ran inside, and one more for each command. The tests come last: what failed in them
# stands just before it.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
root=$PWD
fresh=$root/build/fresh
# The most that one command may take.
limit=${TENON_FRESH_LIMIT:-4500}

runs=("$@")
[ ${#runs[@]} != 0 ] || runs=("user:run" "root:run,test")
passed=0 failed=0 skipped=0
running=

finish() {
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}

give_up() {
    echo "test-fresh: $*" >&2
    failed=$((failed + 1))
    finish
    exit 1
}

# A killed run leaves its root file system to the next one. Seen from here, nothing is mounted there.
clean_up() {
    if [ -n "$running" ]; then kill -KILL "$running" 2>/dev/null; wait "$running" 2>/dev/null; fi
    rm -rf --one-file-system "$fresh"/root.*
}

# The commands of README's section.
readme_commands() { sed -n '/^## Two commands/,/^## [^T]/ s/^make [a-z]*$/&/p' README.md; }

# new_root USER: a bare root with a clone in the home of USER; its path in $new.
new_root() {
    local home=/root
    [ "$1" = root ] || home=/home/$1
    new=$(mktemp -d "$fresh/root.XXXXXX") && chmod 755 "$new" && tar -C "$new" -xf "$fresh/bare.tar" &&
        git clone --quiet --no-hardlinks "$root" "$new$home/tenon" &&
            git -C "$new$home/tenon" checkout --quiet --detach "$head" &&
        chroot "$new" chown -R "$1:" "$home/tenon"
}

# run_command COMMAND USER: in $new.
run_command() {
    local start=$SECONDS status=0 log=$fresh/logs/$2-${1//[^a-z]/-}.log sum
    printf '\n== %s, as %s\n' "$1" "$2"
    # Before the command, for the one that follows it.
    : >"$log"
    TENON_FRESH_ARCHIVES=$fresh/archives timeout --kill-after=10 "$limit" tests/fresh/enter.sh "$new" "$2" \
        "cd tenon && $1" >>"$log" 2>&1 &
    running=$!
    tail -n +1 -f --pid=$running "$log" &
    wait "$running" || status=$?
    running=
    wait
    # Where tests have failed, make says so after it.
    sum=$(tail -n 2 "$log" | grep -v '^make: ' | tail -n 1)
    if [[ $sum =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    elif [[ $1 = *test* ]]; then
        echo "test-fresh: no sum is at the end of $log"
        status=1
    fi
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        echo "ok $1, as $2 ($((SECONDS - start)) s)"
    else
        failed=$((failed + 1))
        echo "not ok $1, as $2: status $status after $((SECONDS - start)) s, see $log"
    fi
    return "$status"
}

mkdir -p "$fresh/logs" "$fresh/archives"
exec 9>"$fresh/.lock"
flock --nonblock 9 || give_up "another one runs in $fresh"
trap clean_up EXIT
trap 'exit 130' INT TERM
setup/setup.sh fresh || give_up "there is no bare root"
head=$(git rev-parse HEAD)
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "test-fresh: what is not committed is left out"
mapfile -t commands < <(readme_commands)
[ "${commands[*]}" = "make run make test" ] ||
    give_up "README's two commands are '${commands[*]}', expected make run and make test"

for run in "${runs[@]}"; do
    user=${run%%:*}
    new_root "$user" || give_up "no root file system for $user"
    for target in $(tr , ' ' <<<"${run#*:}"); do
        for command in "${commands[@]}"; do
            # The results of targets after a failed command mean nothing.
            if [ "$command" = "make $target" ]; then run_command "$command" "$user" || break 2; fi
        done
    done
    rm -rf --one-file-system "$new"
done
finish
