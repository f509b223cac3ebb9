# SPDX-License-Identifier: Apache-2.0
# hv balance with real machines: giving, getting back, refusals; limits, private and merged memory.

# Its free memory stays resident: only the balloon takes it.
hoarder_configuration() {
    cat <<EOF_JSON
{"boot-source": {"kernel_image_path": "$behave"}, "machine-config": {"vcpu_count": 1, "mem_size_mib": 256},
 "balloon": {"amount_mib": 0, "deflate_on_oom": true, "free_page_hinting": false, "free_page_reporting": false},
 "tenon": {"memory": {"reservation_mib": 32}}}
EOF_JSON
}
# hoarder NAME MIB: a machine that had and freed that much, and keeps it resident; its hv's pid in $hoarder, its
# input in $hoarder_in.
hoarder() {
    hoarder_configuration >hoarder.json
    play "$1" --config hoarder.json
    hoarder=$machine
    tell "$1" take "$2"
    tell "$1" free
    exec {hoarder_in}>&"$guest"
    exec {guest}>&-
}
balance() { "$hv" balance --run-dir "$RUN" "$@"; }
resident_mib() { echo $(($(memory_field "$1" guest_resident_bytes) >> 20)); }
target() { memory_field "$1" balloon_target_bytes; }
target_at_least() { [ "$(target "$1")" -ge $(($2 << 20)) ]; }
target_below() { [ "$(target "$1")" -lt "$2" ]; }
target_is() { [ "$(target "$1")" -eq $(($2 << 20)) ]; }

idle_gives() {
    hoarder idle 150
    play busy --memory 256M --memory-reservation 32M
    # A fifth is left: no pressure, no action.
    local budget=$((($(resident_mib idle) + $(resident_mib busy)) * 125 / 100 + 2))
    "$hv" balance --run-dir "$RUN" --budget "${budget}M" --interval 100 --give-back-after 1000 >balance.out 2>&1 &
    local balancer=$!
    poll 20 answers_balance
    expect "decisions without pressure" "$(<balance.out)" ""
    # Pressure, by a machine that uses its memory.
    tell busy take $((budget * 15 / 100))
    poll 30 target_at_least idle 90
    contains "its line" "$(<balance.out)" "balance: machine 'idle': balloon 0 -> "
    contains "its reason" "$(<balance.out)" "MiB left of $budget; idle "
    local taken
    taken=$(target idle)
    [ "$taken" -le $(((256 - 32) << 20)) ]
    expect "who is busy keeps his memory" "$(target busy)" 0
    tell busy check
    expect "what the program has" "$answer" "as written"
    # With the pressure gone, it is given back.
    tell busy free
    "$hv" reclaim --run-dir "$RUN" busy >/dev/null
    finish_play
    poll 60 target_below idle "$taken"
    # Only as much as causes no pressure again: the budget is less than the machine's memory.
    [ $(((256 << 20) - $(target idle))) -le $((budget << 20)) ]
    expect "pressure" "$(get_balance | jq .under_pressure)" false
    stop "$balancer"
    expect "exit code" "$status" 0
    [ ! -e "$RUN/.balance.sock" ]
    guest=$hoarder_in machine=$hoarder
    finish_play
}
get_balance() { curl --silent --fail --max-time 5 --unix-socket "$RUN/.balance.sock" http://localhost/balance; }
answers_balance() { get_balance >/dev/null; }
test_case "balance: an idle machine gives under pressure, and gets back afterwards" idle_gives

looks_once() {
    hoarder once 100
    local budget=$(($(resident_mib once) + 2)) lines
    balance --budget "${budget}M" --once --dry-run >dry.out
    contains "what it would do" "$(<dry.out)" "balance: would: machine 'once': balloon 0 -> "
    expect "a dry run changes nothing" "$(target once)" 0
    lines=$(balance --budget "${budget}M" --once --json)
    expect "lines are JSON" "$(tail -n 1 <<<"$lines" | jq -r .kind)" balloon
    target_at_least once 1
    # A machine that has stopped is skipped, at the cost of one time limit.
    kill -STOP "$hoarder"
    contains "a machine that hangs" "$(timeout 20 "$hv" balance --run-dir "$RUN" --budget "${budget}M" --once)" \
        "machine 'once': left alone"
    kill -CONT "$hoarder"
    guest=$hoarder_in
    finish_play
}
test_case "balance: --once and --dry-run" looks_once

restores() {
    hoarder restored 100
    "$hv" balance --run-dir "$RUN" --budget "$(($(resident_mib restored) + 2))M" --interval 100 \
        --restore >restore.out 2>&1 &
    local balancer=$!
    poll 30 target_at_least restored 1
    status_of balance --budget 64M
    expect "a second one" "$status" 104
    stop "$balancer" TERM
    expect "exit code" "$status" 0
    poll 10 target_is restored 0
    guest=$hoarder_in machine=$hoarder
    finish_play
}
test_case "balance: --restore at the end; one balancer at a time" restores

refuses_reservation() {
    "$hv" balance --run-dir "$RUN" --budget 100M --interval 100 >refuse.out 2>&1 &
    local balancer=$!
    poll 20 answers_balance
    start reserved --memory 64M --memory-reservation 60M "$behave" -- wait
    local first=$machine
    status_of hv_run --memory 64M --memory-reservation 60M "$behave" -- exit 0
    expect "exit code" "$status" 103
    contains "the numbers" "$output" "60 MiB cannot be reserved: of the budget of 100 MiB, 60 MiB are reserved"
    # One that fits, and one that reserves nothing, are welcome.
    hv_run --memory 64M --memory-reservation 30M "$behave" -- exit 0
    hv_run --memory 64M "$behave" -- exit 0
    stop "$first"
    stop "$balancer"
    # Without a balancer, only reservations beyond the host's whole memory are refused.
    status_of hv_run --memory 900G --memory-reservation 800G "$behave" -- exit 0
    expect "exit code" "$status" 103
}
test_case "balance: a reservation that cannot be met is refused" refuses_reservation

contradictions() {
    local options
    for options in "--memory-limit 128M" "--memory-reservation 65M" "--memory-limit 32M --memory-reservation 40M" \
        "--memory-limit 4M" "--memory-shares 0" "--ksm --private-memory" "--private-memory --memory-reservation 32M" \
        "--no-balloon --memory-reservation 32M" "--memory-cgroup somewhere" "--memory-reservation 5000K"; do
        # shellcheck disable=SC2086 # words
        status_of hv_run --memory 64M $options "$behave" -- exit 0
        expect "exit code of $options" "$status" 100
        contains "the option's name" "$output" "--"
    done
    status_of balance --budget 64M --cgroup /nowhere --once
    expect "two budgets" "$status" 100
}
test_case "balance: options that contradict each other are named" contradictions

# A directory in which this shell may make memory cgroups, and the file with their limit.
cgroup_line=$(grep -m1 ':memory:' /proc/self/cgroup || true)
own_cgroup=/sys/fs/cgroup/memory${cgroup_line##*:}
cgroups_of() { find "$own_cgroup" -maxdepth 1 -name "tenon-$1.*"; }

limited() {
    # The guest ignores the balloon: it takes pages from it as soon as it wants them.
    play limited --memory 256M --memory-limit 64M
    expect "the limit is a balloon too" "$(target limited)" $((192 << 20))
    local cgroup
    cgroup=$(cgroups_of limited)
    expect "what is in it" "$(<"$cgroup/cgroup.procs")" "$(pgrep -P "$machine")"
    [ "$(<"$cgroup/memory.limit_in_bytes")" -le $((72 << 20)) ]
    # It takes far more than the limit, and so ends: the host does not.
    echo take 150 >&"$guest"
    exec {guest}>&-
    status=0
    wait "$machine" || status=$?
    expect "exit code" "$status" 107
    contains "the reason" "$(<limited.err)" "out of memory"
    expect "cgroups left" "$(cgroups_of limited)" ""
    # A killed hv leaves none either, once a command looks.
    start killed --memory 64M --memory-limit 32M "$behave" -- wait
    [ -n "$(cgroups_of killed)" ]
    kill -KILL "$machine"
    poll 20 gone_after_look
    expect "no cgroup without a limit" "$(hv_run "$behave" -- exit 0; cgroups_of '*')" ""
}
gone_after_look() {
    "$hv" stat --run-dir "$RUN" killed >/dev/null 2>&1 || true
    [ -z "$(cgroups_of killed)" ]
}
# Another process that a guest can have take memory.
limited_helper() {
    start helped --memory 64M --memory-limit 48M --net user "$images/httpd.elf"
    local helper
    helper=$(pgrep -P "$machine" -x hv-slirp)
    grep -qx "$helper" "$(cgroups_of helped)/cgroup.procs"
    expect "its process in hv memory" "$(memory_field helped network_helper.process)" "$helper"
    [ "$(memory_field helped network_helper.resident_bytes)" -gt 0 ]
    stop "$machine"
    expect "cgroups left" "$(cgroups_of helped)" ""
}
cgroup_case() {
    if [ -n "$cgroup_line" ] && [ -w "$own_cgroup/cgroup.procs" ]; then
        test_case "$@"
    else
        skip_case "$1" "no memory cgroup (v1) that this user may use: sudo make test"
    fi
}
cgroup_case "memory limit: a cgroup holds a guest that does not cooperate" limited
cgroup_case "memory limit: the user-mode network's process is in the cgroup, too" limited_helper


private_memory() {
    start private --private-memory "$behave" -- wait
    local process
    process=$(pgrep -P "$machine")
    expect "mappings of files besides the I/O zone" \
        "$(awk '$1 ~ /^1[0-9a-f]{10}-1/ && $6 != "" && $6 !~ /memfd:tenon-io/ {print $6}' "/proc/$process/maps")" ""
    expect "reporting" "$(get private /vm/config | jq .balloon.free_page_reporting)" false
    stop "$machine"
    start shared "$behave" -- wait
    process=$(pgrep -P "$machine")
    [ -n "$(awk '$1 ~ /^1[0-9a-f]{10}-1/ && $6 ~ /.images/ {print $6}' "/proc/$process/maps")" ]
    stop "$machine"
}
mergeable() {
    start merged --ksm "$behave" -- wait
    local process
    process=$(pgrep -P "$machine")
    grep -q '^VmFlags:.* mg' "/proc/$process/smaps"
    stop "$machine"
    start unmerged "$behave" -- wait
    process=$(pgrep -P "$machine")
    not grep -q '^VmFlags:.* mg' "/proc/$process/smaps"
    stop "$machine"
}
root_case "a look into the guest's process" "private memory: no page of the image's file, no reporting" private_memory
# Two machines whose programs hold the same 8192 pages, all of them different: after a while the host has them once.
merges() {
    local ksm=/sys/kernel/mm/ksm file name
    for file in run pages_to_scan sleep_millisecs; do at_end eval "echo $(<$ksm/$file) >$ksm/$file"; done
    at_end eval "echo 2 >$ksm/run"  # separates all merged pages again
    echo 20000 >$ksm/pages_to_scan
    echo 5 >$ksm/sleep_millisecs
    echo 1 >$ksm/run
    for name in alike twin; do detach "$name" --ksm "$behave" -- play take 32; done
    detach stranger "$behave" -- play take 32
    poll 60 eval '[ "$(merged_pages alike)" -ge 8000 ]'
    poll 60 eval '[ "$(merged_pages twin)" -ge 8000 ]'
    expect "merged pages of a machine that did not ask for it" "$(merged_pages stranger)" 0
    tell_play alike check "as written"
    tell_play alike free "freed 32 MiB"
    tell_play alike "take 32" "took 32 MiB"
    tell_play twin check "as written"
}
# merged_pages NAME: of a detached machine's guest.
merged_pages() { cat "/proc/$(pgrep -P "$(pgrep -P "$(supervisor_of "$1")")")/ksm_merging_pages"; }
# tell_play NAME COMMAND ANSWER: to a detached machine's program.
tell_play() {
    printf 'w%s\n' "$2" | nc -N -U "$RUN/$1/console.sock" >/dev/null
    poll 20 eval "hv_at logs $1 | grep -q '$3'"
}

if [ -e /sys/kernel/mm/ksm/run ] && [ -e /proc/self/ksm_merging_pages ]; then
    root_case "KSM's switches" "KSM: only memory of a machine that asked for it may be merged" mergeable
    root_case "KSM's switches" \
        "KSM: what two machines hold alike is merged, and each one's own again when it is written to" merges
else
    skip_case "KSM: only memory of a machine that asked for it may be merged" \
        "needs a kernel with KSM that counts by process"
    skip_case "KSM: what two machines hold alike is merged, and each one's own again when it is written to" \
        "needs a kernel with KSM that counts by process"
fi
