#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every command of README and of docs/ as written: tests/docs/run.sh [PAGE...]
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/lib.sh

# run_page PAGE: what tests/docs/page.sh prints, in $scratch/blocks too.
run_page() { "$root/tests/docs/page.sh" "$1" "$scratch/installed" 2>&1 | tee "$scratch/blocks"; }

# page PAGE: a case for the page, and one for each block that cannot be run.
page() {
    : >"$scratch/blocks"
    root_case "namespaces of its own" "$1: its commands work as written" run_page "$root/$1"
    local place reason
    while IFS= read -r reason; do
        place=${reason#skip }
        skip_case "${place%%: *}" "${place#*: }"
    done < <(grep '^skip ' "$scratch/blocks")
    blocks=$((blocks + $(grep -c '^run ' "$scratch/blocks")))
}

# finds PART FIXTURE: the page of fixtures/ fails, with PART in what is said.
finds() {
    local output status=0
    output=$(run_page "$root/tests/docs/fixtures/$2.md") || status=$?
    expect "status of $2 (which said: $output)" "$status" 1
    contains "$2" "$output" "$1"
}
a_good_page() {
    local output status=0
    output=$(run_page "$root/tests/docs/fixtures/good.md") || status=$?
    expect "status of good (which said: $output)" "$status" 0
    expect "what was run" "$(grep -c '^run ' <<<"$output")" 6
    expect "what was skipped" "$(sed -n 's#^skip tests/docs/fixtures/##p' <<<"$output")" \
        "good.md:47: 'test -e /moon' fails on this machine
good.md:58: it needs a moon"
    not test -e "$root/written"
}
faults() {
    finds "wrong_command.md:4: failed: hv runn" wrong_command
    finds "'echo hello world' prints something else" wrong_output
    finds "'false' ended with status 1" wrong_status
    finds "machines are left at the end" left_machine
    finds "processes are left at the end" left_process
    finds "did not print 'never'" never_printed
    finds "wrong_block.md:3: a block without a language" wrong_block
    finds "wrong_block.md:9: an indented block" wrong_block
    finds "wrong_block.md:11: none of 'not run here: REASON', 'needs: COMMAND'" wrong_block
    finds "wrong_block.md:17: the comment for the test stands before no block" wrong_block
}

installed() { make --no-print-directory -C "$root" install DESTDIR="$scratch/installed" PREFIX=/usr/local; }

blocks=0
if [ "$(id -u)" = 0 ]; then test_case "hv is installed for the pages" installed; fi
root_case "namespaces of its own" "a page whose commands work passes, and nothing that they change lasts" a_good_page
root_case "namespaces of its own" "a page with a fault fails, at the fault" faults
pages=("$@")
if [ ${#pages[@]} = 0 ]; then pages=(README.md docs/*.md); fi
for name in "${pages[@]}"; do page "$name"; done
echo "$blocks blocks of commands were run"
finish
