# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh: rows of the table, medians, network namespaces, and the end of what was started.

started=()   # pids
namespaces=()

cleanup() {
    local pid name
    for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    for name in "${namespaces[@]}"; do ip netns delete "$name" 2>/dev/null || true; done
    rm -rf "$scratch"
}

# row WHAT VALUE UNIT AIM [more|less]: a line of the table; the factor is how many times better than the aim (below 1:
# worse).
row() {
    local factor=
    if [ -n "${4:-}" ]; then
        factor=$(awk -v value="$2" -v aim="$4" -v sense="${5:-less}" \
            'BEGIN { printf "%.2f", sense == "less" ? aim / value : value / aim }')
    fi
    printf '%-72s %16s %16s  %s\n' "$1" "$2 $3" "${4:+$4 $3}" "$factor"
}

median() { sort -g | awk '{ value[NR] = $1 } END { if (NR == 0) exit 1; print value[int((NR + 1) / 2)] }'; }

# Median time of a command from exec to exit, in ms.
command_ms() {
    hyperfine -N --warmup 10 --runs "${runs:-200}" --style none --export-json "$scratch/time.json" "$1" >/dev/null
    jq -r '.results[0].median * 1000 | . * 1000 | round / 1000' "$scratch/time.json"
}

# until_true SECONDS COMMAND...
until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || { echo "bench: not within the deadline: $*" >&2; return 1; }
        sleep 0.01
    done
}

# A namespace of the benchmark's own; removed at the end.
new_namespace() {
    ip netns add "$1"
    namespaces+=("$1")
    ip -n "$1" link set lo up
}

# CPU time that a process has used, in clock ticks, its threads included.
cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

# hv and its guest process, a line each.
machine_pids() {
    echo "$1"
    cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n'
}
