# SPDX-License-Identifier: Apache-2.0
# Time servers, good and bad ones: each has an address of its own on the other end of a TAP.

# time_servers HOW...: one at 10.0.0.11, the next at 10.0.0.12, and so on; their names for the option in $servers.
time_servers() {
    with_tap
    local how number=11 listen=()
    servers=
    for how in "$@"; do
        ip -n "$namespace" addr add "10.0.0.$number/24" dev tap0
        listen+=("10.0.0.$number=$how")
        servers+=${servers:+,}10.0.0.$number
        number=$((number + 1))
    done
    rm -f questions
    ip netns exec "$namespace" "$root/build/tests/ntp_server" "${listen[@]}" >questions 2>&1 &
    poll 10 grep -q ready questions
}
# synchronised NAME: the machine's client has had a good answer. asked_all: each server was asked once at least.
synchronised() { [ "$(agent "$1" tenon-get-clock | jq .sntp.answers)" -ge 1 ]; }
asked() { [ "$(grep -c ^10 questions)" -ge "$1" ]; }
sntp_machine() {
    tap_machine "$1" "$behave" --kernel-options "sntp=$servers" -- wait
    poll 20 test -S "$RUN/$1/agent.sock"
}
# ahead_of_host NAME: seconds by which the guest's wall clock is ahead.
ahead_of_host() { echo $((($(agent "$1" guest-get-time) - $(date +%s%N) + 500000000) / 1000000000)); }

sntp_sets_time() {
    time_servers right+600
    sntp_machine set
    poll 30 synchronised set
    local ahead
    ahead=$(ahead_of_host set)
    between "seconds ahead of the host" "$ahead" 598 601
    agent set tenon-get-clock >clock
    cat clock
    expect "source" "$(jq -r .source clock)" hv
    expect "set by" "$(jq -r '."wall-clock"' clock)" time-server
    expect "server" "$(jq -r .sntp.server clock)" 10.0.0.11
    expect "refused" "$(jq .sntp.refused clock)" 0
    # Its error: the ten minutes, to the thousandth.
    [ "$(jq '."sntp"."offset-ns" / 1e9 | . > 599.4 and . < 600.6' clock)" = true ]
    # The host's again, until the next answer.
    agent set guest-set-time >/dev/null
    expect "ahead of the host" "$(ahead_of_host set)" 0
    stop "$machine"
}
root_case "a network namespace" "a time server's time is the guest's" sntp_sets_time

sntp_refuses() {
    time_servers silent short client wrong-origin stranger no-time backwards right-600
    sntp_machine choosy
    poll 40 synchronised choosy
    agent choosy tenon-get-clock >clock
    cat clock questions
    expect "server" "$(jq -r .sntp.server clock)" 10.0.0.18
    # The answer from a stranger's port was not even looked at.
    expect "refused" "$(jq .sntp.refused clock)" 5
    expect "silent" "$(jq .sntp.silent clock)" 5
    expect "questions" "$(grep -c ^10 questions)" 8
    local ahead
    ahead=$(ahead_of_host choosy)
    between "seconds ahead of the host" "$ahead" -602 -599
    stop "$machine"
}
root_case "a network namespace" \
    "answers that are forged, broken or missing are not believed; the next server is asked" sntp_refuses

sntp_bad_servers() {
    time_servers kiss unsynchronised stratum16 old uncertain right+100000 right-100000
    sntp_machine wary
    poll 40 asked 7
    poll 20 grep -q 'no server has given a usable answer' wary.out
    agent wary tenon-get-clock >clock
    cat clock
    expect "answers" "$(jq .sntp.answers clock)" 0
    # On a busy host an answer can come too late: its server counts as silent.
    expect "refused or late" "$(jq '.sntp.refused + .sntp.silent' clock)" 7
    between "refused" "$(jq .sntp.refused clock)" 4 7
    expect "set by" "$(jq -r '."wall-clock"' clock)" host
    expect "why the last one" "$(jq -r '.sntp."last-refusal"' clock)" "more than 1000 s from the present time"
    expect "ahead of the host" "$(ahead_of_host wary)" 0
    # All are asked again a quarter of a minute later, except for the one that refused.
    poll 40 asked 13
    expect "questions to the one that sent it away" "$(grep -c kiss questions)" 1
    stop "$machine"
}
root_case "a network namespace" \
    "no time is taken from servers that do not know it, nor one that is absurd" sntp_bad_servers

sntp_race() {
    time_servers wrong-origin-then-right
    sntp_machine race
    poll 30 synchronised race
    expect "refused" "$(agent race tenon-get-clock | jq .sntp.refused)" 1
    expect "questions" "$(grep -c ^10 questions)" 1
    stop "$machine"
}
root_case "a network namespace" "a forged answer does not keep the right one out" sntp_race

sntp_option() {
    time_servers right
    servers=,no.such.name,10.0.0.11,
    sntp_machine names
    poll 40 synchronised names
    contains "what it says" "$(cat names.out)" "sntp: '' is left out"
    expect "server" "$(agent names tenon-get-clock | jq -r .sntp.server)" 10.0.0.11
    stop "$machine"
    start_agent without "$behave" -- wait
    expect "without the option" "$(agent without tenon-get-clock | jq .sntp)" null
    stop "$machine"
}
root_case "a network namespace" \
    "an empty name is told, a name that nobody knows is passed over, and without the option nobody is asked" \
    sntp_option

# The answer arrives while the machine stands still: in the guest's time it was on its way for a moment only.
sntp_over_a_pause() {
    time_servers late
    sntp_machine paused
    poll 20 asked 1
    hv_at pause paused
    local begin
    begin=$(now_ms)
    poll 20 passed_ms "$begin" 4500
    hv_at resume paused
    poll 20 unanswered paused
    expect "answers" "$(agent paused tenon-get-clock | jq .sntp.answers)" 0
    expect "ahead of the host" "$(ahead_of_host paused)" 0
    stop "$machine"
}
unanswered() { [ "$(agent "$1" tenon-get-clock | jq .sntp.silent)" -ge 1 ]; }
root_case "a network namespace" "an answer from before a pause is not taken after it" sntp_over_a_pause
