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

# ratio A B: A for one of B.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

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

# ticks_of PID...: of all of them.
ticks_of() {
    local pid sum=0
    for pid in "$@"; do sum=$((sum + $(cpu_ticks "$pid"))); done
    echo "$sum"
}

# hv and its guest process, a line each.
machine_pids() {
    echo "$1"
    cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n'
}

# start_httpd_on_linux CLIENT SERVER: images/httpd's source built for Linux, in the namespace SERVER, which this makes;
# its pid in $native. CLIENT reaches it at the address that a guest had.
start_httpd_on_linux() {
    make --no-print-directory -s build/httpd-linux
    new_namespace "$2"
    ip -n "$1" link add veth0 type veth peer name veth0 netns "$2"
    ip -n "$1" addr add 10.0.0.1/24 dev veth0
    ip -n "$2" addr add 10.0.0.2/24 dev veth0
    ip -n "$1" link set veth0 up
    ip -n "$2" link set veth0 up
    ip netns exec "$2" taskset -c 0 build/httpd-linux 80 images/httpd/files >/dev/null 2>&1 &
    native=$!
    started+=("$native")
}
