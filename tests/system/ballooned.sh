# SPDX-License-Identifier: Apache-2.0
# The balloon and free page reporting, from both sides: the guest's figures, and its process's memory.

takes_and_gives() {
    play balloon --memory 256M
    tell balloon take 32
    balloon --wait balloon 128M >/dev/null
    tell balloon figures
    expect "ballooned" "$(figure ballooned)" 128
    tell balloon check
    expect "what the program has" "$answer" "as written"
    balloon --wait balloon 0 >/dev/null
    tell balloon figures
    expect "ballooned" "$(figure ballooned)" 0
    tell balloon take 150
    expect "what it can have again" "$answer" "took 150 MiB"
    finish_play
}
test_case "balloon: a guest gives memory and gets it back" takes_and_gives

greedy() {
    play greedy --memory 256M
    balloon --wait greedy 200M >/dev/null
    # Far more than the balloon leaves.
    tell greedy take 150
    expect "an allocation that would fail gets pages back" "$answer" "took 150 MiB"
    tell greedy check
    expect "what it has" "$answer" "as written"
    tell greedy figures
    [ "$(figure ballooned)" -lt 110 ]
    [ "$(memory_field greedy counters.out_of_memory_deflations)" -gt 0 ]
    # The host's target stays, and it gets the memory when the program has freed it.
    tell greedy free
    poll 30 ballooned_again
    finish_play
}
ballooned_again() { [ "$(memory_field greedy ballooned_bytes)" -ge $((200 << 20)) ]; }
test_case "balloon: a greedy program deflates it, and it grows again afterwards" greedy

beyond_ram() {
    play beyond --memory 64M
    tell beyond take 16
    tell beyond figures
    local free
    free=$(figure free)
    balloon beyond 64M >/dev/null || true
    poll 30 as_far_as_it_goes "$free"
    tell beyond check
    expect "what the program has" "$answer" "as written"
    tell beyond figures
    # A floor is left, and no more.
    [ "$(figure free)" -le 4 ]
    # A guest that cannot meet its target waits: for a second it uses less than a tenth of a processor.
    local stat before begin used passed
    stat=$("$hv" stat --run-dir "$RUN" --json beyond)
    before=$(jq .machine.guest_cpu_ns <<<"$stat")
    begin=$(jq .machine.uptime_ns <<<"$stat")
    poll 20 uptime_is beyond $((begin + 1000000000))
    stat=$("$hv" stat --run-dir "$RUN" --json beyond)
    used=$(($(jq .machine.guest_cpu_ns <<<"$stat") - before))
    passed=$(($(jq .machine.uptime_ns <<<"$stat") - begin))
    between "percent of a processor that it uses" $((used * 100 / passed)) 0 10
    finish_play
}
as_far_as_it_goes() { [ "$(memory_field beyond ballooned_bytes)" -ge $((($1 - 4) << 20)) ]; }
test_case "balloon: a target that cannot be met is followed as far as it goes, and waits" beyond_ram

pressure() {
    play pressed --memory 128M
    tell pressed pressure
    tell pressed take 64
    balloon --wait pressed 96M >/dev/null
    contains "what the program did" "$(<pressed.out)" "pressure: freed 64 MiB"
    finish_play
}
test_case "balloon: a target that needs what the program has makes it give up its caches" pressure

comes_back() {
    play returned --memory 512M
    local fresh touched
    fresh=$(memory_field returned proportional_bytes)
    tell returned take 256
    touched=$(memory_field returned proportional_bytes)
    [ "$touched" -gt $((fresh + (250 << 20))) ]
    tell returned free
    # Down to a fraction of the touched memory; the rest is the program's own (its heap's pages, its stack).
    poll 30 nearly "$fresh"
    finish_play
}
nearly() { [ "$(memory_field returned proportional_bytes)" -lt $(($1 + (2 << 20))) ]; }
test_case "reporting: what a program freed is the host's again" comes_back

reclaim_on_request() {
    play reclaimed --memory 128M --kernel-options "balloon.report_delay=3600000"
    tell reclaimed take 64
    tell reclaimed free
    local held
    held=$(memory_field reclaimed guest_resident_bytes)
    "$hv" reclaim --run-dir "$RUN" reclaimed >/dev/null
    poll 30 less_than "$((held - (60 << 20)))"
    finish_play
}
less_than() { [ "$(memory_field reclaimed guest_resident_bytes)" -lt "$1" ]; }
test_case "reporting: on request everything goes at once" reclaim_on_request

no_balloon() {
    expect "output" "$(hv_run --no-balloon --memory 64M "$behave" -- play take 16 free end)" \
        $'took 16 MiB\nfreed 16 MiB'
}
test_case "balloon: a machine without one works" no_balloon

# Piece by piece: the balloon must not take each back before the program has it.
greedy() {
    start greedy --memory 256M --net user "$images/load.elf" -- batch 128 1
    "$hv" balloon --run-dir "$RUN" greedy 220M >/dev/null
    taken_back() {
        [ "$("$hv" memory --run-dir "$RUN" greedy --json | jq .counters.out_of_memory_deflations)" -ge 20000 ]
    }
    poll 30 taken_back
    stop "$machine"
    expect "exit code" "$status" 0
    not grep -q crashed greedy.err
}
test_case "a program that grows by and by under a balloon gets its memory back" greedy
