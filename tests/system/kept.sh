# SPDX-License-Identifier: Apache-2.0
# Machines that have ended and are kept: started again, pruned. And all that run, stopped at once.

started_again() {
    detach again --memory 32M --env GREETING=hello --net user,127.0.0.2:0:80 "$behave" -- wait
    local created
    created=$(hv_at info again --json | jq .created)
    hv_at stop again
    expect "what hv start prints" "$(hv_at start again)" again
    expect "state" "$(field again state)" running
    expect "exit code of one that runs" "$(field again exit_code)" null
    expect "memory" "$(field again memory_bytes)" $((32 << 20))
    contains "ports" "$(hv_at ps)" "127.0.0.2:"
    contains "environment" "$(hv_at info again)" "GREETING=hello"
    expect "when it was created" "$(hv_at info again --json | jq .created)" "$created"
    expect "events" "$(hv_at events --json again | jq -r .event | grep -c -e '^created$' -e '^started$')" 3
    refused 104 "it is running already" "$hv" start --run-dir "$RUN" again
    hv_at stop again
    expect "state" "$(field again state)" ended
}
test_case "hv start starts an ended machine with the same configuration and name" started_again

# The console's log goes on, and paths mean the same from another directory.
from_elsewhere() {
    cp "$behave" near.elf
    detach mover near.elf -- exit 3
    status_of hv_at wait mover
    mkdir elsewhere
    (cd elsewhere; hv_at start mover >/dev/null)
    status_of hv_at wait mover
    expect "exit code" "$status" 3
    rm near.elf
    local before
    before=$(end_of mover)
    refused 101 "near.elf" "$hv" start --run-dir "$RUN" mover
    expect "how it ended, after a start that failed" "$(end_of mover)" "$before"
    status_of hv_at wait mover
    expect "exit code after a start that failed" "$status" 3
    expect "sockets that are left" "$(find "$RUN/mover" -type s)" ""
    cp "$behave" near.elf
    hv_at start mover >/dev/null
    status_of hv_at wait mover
    expect "exit code of one that could not be started before" "$status" 3
}
end_of() { hv_at info --json "$1" | jq -c '[.state, .exit_code, .reason, .started, .ended]'; }
test_case "hv start fails without losing the machine, and works from any directory" from_elsewhere

log_goes_on() {
    detach speaker "$behave" -- orderly
    hv_at stop speaker
    hv_at start speaker >/dev/null
    hv_at stop speaker
    expect "lines of both lives" "$(hv_at logs speaker | grep -c 'shutting down')" 2
}
test_case "the log of a machine that is started again has both lives" log_goes_on

start_refused() {
    refused 101 "no ended machine of this name" "$hv" start --run-dir "$RUN" nobody
    refused 101 "no ended machine of this name" "$hv" start --run-dir "$RUN" ../etc
    start foreground "$behave" -- wait
    refused 104 "it is running already" "$hv" start --run-dir "$RUN" foreground
    stop "$machine"
    detach damaged "$images/idle.elf"
    hv_at stop damaged
    echo '{"boot-source": {}}' >"$RUN/damaged/config.json"
    refused 100 "kernel_image_path" "$hv" start --run-dir "$RUN" damaged
    rm "$RUN/damaged/config.json"
    refused 101 "config.json" "$hv" start --run-dir "$RUN" damaged
    expect "state" "$(field damaged state)" ended
    status_of hv_at start nobody damaged
    expect "exit code of the last of two" "$status" 101
}
test_case "hv start refuses what runs, what is not kept, and a damaged configuration" start_refused

# A guest that has taken over its hv can write to the machine's directory: that is not what is started again.
config_is_the_supervisors() {
    detach tricked "$images/idle.elf"
    printf '{"boot-source": {"kernel_image_path": "/etc/passwd"}}' >"$RUN/tricked/config.json"
    mkfifo "$RUN/tricked/config.json.new"
    timeout 20 "$hv" stop --run-dir "$RUN" tricked
    hv_at start tricked >/dev/null
    contains "image" "$(field tricked image)" idle.elf
}
test_case "what is started again is what was asked for, whatever the machine's hv wrote down" config_is_the_supervisors

prunes() {
    expect "without ended machines" "$(hv_at prune)" "no ended machine is kept"
    detach gone-1 "$behave" -- flood 2000
    detach gone-2 "$images/idle.elf"
    detach stays "$images/idle.elf"
    hv_at wait gone-1
    hv_at stop gone-2
    local text
    hv_at prune --dry-run --json >dry.json
    expect "what would be removed" "$(jq -r '.removed[].name' dry.json | paste -sd ' ')" "gone-1 gone-2"
    expect "names after a dry run" "$(hv_at ps -aq | paste -sd ' ')" "gone-1 gone-2 stays"
    contains "a dry run" "$(hv_at prune --dry-run)" "2 machines would be removed"
    [ "$(jq '.removed[0].freed_bytes' dry.json)" -gt 0 ]
    text=$(hv_at prune)
    contains "text" "$text" "gone-1: "
    contains "text" "$text" "2 machines removed, "
    expect "names after it" "$(hv_at ps -aq)" stays
    expect "directories after it" "$(ls "$RUN")" stays
    expect "event" "$(hv_at events --json -n 1 gone-2 | jq -r .event)" removed
    expect "a second time" "$(hv_at prune --json | jq -c '[.removed, .freed_bytes]')" "[[],0]"
}
test_case "hv prune removes ended machines and says what it freed, or would" prunes

stop_all() {
    hv_at stop --all
    detach all-1 "$images/idle.elf"
    detach all-2 "$images/idle.elf"
    hv_at pause all-2
    refused 100 "--all" "$hv" stop --run-dir "$RUN" --all all-1
    refused 100 "hv stop NAME" "$hv" stop --run-dir "$RUN"
    expect "machines that run after refusals" "$(hv_at ps -q | wc -l)" 2
    hv_at stop --all
    expect "machines that run" "$(hv_at ps -q)" ""
    expect "exit codes" "$(field all-1 exit_code) $(field all-2 exit_code)" "0 0"
}
test_case "hv stop --all stops all machines that run" stop_all

filtered() {
    detach web-1 "$images/idle.elf"
    detach web-2 "$behave" -- wait
    detach db "$images/idle.elf"
    hv_at pause web-2
    hv_at stop db
    expect "running" "$(hv_at ps -q --filter state=running)" web-1
    expect "running or paused" "$(hv_at ps -q --filter state=running --filter state=paused | paste -sd ' ')" \
        "web-1 web-2"
    expect "by name" "$(hv_at ps -q --filter 'name=web-*' | paste -sd ' ')" "web-1 web-2"
    expect "by image" "$(hv_at ps -q --filter image=idle.elf)" web-1
    expect "by image, with ended ones" "$(hv_at ps -aq --filter image=idle.elf | paste -sd ' ')" "db web-1"
    expect "ended" "$(hv_at ps -q --filter state=ended)" db
    expect "none" "$(hv_at ps -q --filter state=ended --filter 'name=web-*')" ""
    refused 100 "did you mean 'running'?" "$hv" ps --run-dir "$RUN" --filter state=runing
    refused 100 "did you mean 'name'?" "$hv" ps --run-dir "$RUN" --filter nam=web-1
}
test_case "hv ps --filter lists the machines that meet it" filtered
