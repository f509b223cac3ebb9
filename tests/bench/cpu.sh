# SPDX-License-Identifier: Apache-2.0
# CPU quality of service, in CPU time and not in the time that passes: machines that compete for one CPU get what their
# shares say, and a machine that wants a whole CPU gets its limit.

cpu_seconds=${cpu_seconds:-10}
mkdir -m 0700 "$scratch/cpu"
# spin NAME SETTINGS: a machine that wants all that it can get.
spin() {
    "$hv" run --accel pv --run-dir "$scratch/cpu" --name "$1" --boot-report --cpu "$2" "$images/behave.elf" -- spin \
        >/dev/null 2>"$scratch/cpu-$1" </dev/null &
    started+=($!)
    until_true 60 grep -q '^hv: boot' "$scratch/cpu-$1"
}
# used NAME: its CPU time and its uptime, in ns, of one moment.
used() {
    curl --silent --unix-socket "$scratch/cpu/$1/api.sock" http://localhost/stats |
        jq -r '.machine | "\(.guest_cpu_ns) \(.uptime_ns)"'
}
# end_machine NAME: and what it leaves in the root cgroup, which a confined hv of root cannot remove.
end_machine() {
    "$hv" kill --run-dir "$scratch/cpu" "$1"
    until_true 20 cgroup_is_gone "$1"
}
cgroup_is_gone() {
    "$hv" ps -a --run-dir "$scratch/cpu" >/dev/null
    [ -z "$(find /sys/fs/cgroup -type d -name "tenon-$1.*")" ]
}

first_cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
for weight in 1 2 4; do spin "s$weight" "shares=$((1000 * weight)),pin=$first_cpu"; done
for weight in 1 2 4; do used "s$weight"; done >"$scratch/cpu-before"
sleep "$cpu_seconds"
for weight in 1 2 4; do used "s$weight"; done >"$scratch/cpu-after"
# The part of the three together, against a seventh, two and four. Each has its own time: they are asked in turn.
paste "$scratch/cpu-before" "$scratch/cpu-after" | awk '{ used[NR] = ($3 - $1) / ($4 - $2); sum += used[NR] }
    END { for (i = 1; i <= 3; i++) print 100 * used[i] / sum / (2 ^ (i - 1) / 7) - 100 }' >"$scratch/cpu-error"
for weight in 1 2 4; do end_machine "s$weight"; done
for weight in 1 2 4; do
    row "CPU time of a machine with $weight of 7 shares: error" "$(awk -v n="$weight" \
        'NR == (n == 4 ? 3 : n) { printf "%.2f", ($1 < 0 ? -$1 : $1) }' "$scratch/cpu-error")" % 5
done

# A weight that keeps the host's other programs away.
spin limited limit=0.5,shares=100000
used limited >"$scratch/cpu-before"
sleep "$cpu_seconds"
used limited >"$scratch/cpu-after"
end_machine limited
row "a limit of 0.5 CPUs over $cpu_seconds s: error" "$(paste "$scratch/cpu-before" "$scratch/cpu-after" |
    awk '{ error = 100 * ($3 - $1) / ($4 - $2) / 0.5 - 100; printf "%.2f", error < 0 ? -error : error }')" % 2
