#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks sources with clang-tidy: tests/lint/tidy.sh WORK FLAG... -- SOURCE...
# Prints the findings; WORK is a folder for its files, below the one with .clang-tidy.
#
# Most of clang-tidy's time goes into the library's headers, so the sources are checked as one translation unit. Sources
# whose names clash with those of others before them are a second one, and so on.
set -euo pipefail
work=$1
shift
flags=()
while [ "$1" != -- ]; do
    flags+=("$1")
    shift
done
shift
mkdir -p "$work"
status=0

# check SOURCE...
check() {
    local unit=$work/unit.cpp log=$work/log source clashing apart=() together=()
    printf '#include "%s"\n' "$@" >"$unit"
    if clang-tidy-16 --quiet "$unit" -- "${flags[@]}" >"$log" 2>"$work/errors"; then return; fi
    if [ $# = 1 ] || ! grep -qF '[clang-diagnostic-error' "$log"; then
        # Without a finding it has failed itself.
        if [ -s "$log" ]; then cat "$log"; else cat "$work/errors"; fi
        status=1
        return
    fi
    clashing=$(sed -n 's|^\(\./\)\?\([^:]*\.cpp\):.* error: .*\[clang-diagnostic-error.*|\2|p' "$log" | sort -u)
    for source in "$@"; do
        if grep -qxF "$source" <<<"$clashing"; then apart+=("$source"); else together+=("$source"); fi
    done
    # What clashes may show in a header only.
    if [ ${#apart[@]} = 0 ] || [ ${#together[@]} = 0 ]; then
        together=("${@:1:$# / 2}") apart=("${@:$# / 2 + 1}")
    fi
    check "${together[@]}"
    check "${apart[@]}"
}
check "$@"
exit $status
