# SPDX-License-Identifier: Apache-2.0
# The balloon on QEMU, controlled by QMP and measured from outside.

# balloon_machine DEVICE-OPTIONS QEMU-OPTIONS...: QEMU in the background with a guest that follows tell()'s commands
# about its memory; its process in $emulator. It is a $board: microvm unless a case says otherwise.
balloon_machine() {
    local device=$1 board=${board:-microvm} bus=device
    local -n machine=$board
    [ "$board" = microvm ] || bus=pci
    shift
    cd "$(mktemp -d ./balloon.XXXXXX)"
    mkfifo qmp.in guest.in guest.out
    cat guest.out >console &
    qemu-system-x86_64 "${common[@]}" "${one_cpu[@]}" "${machine[@]}" -m 256M -serial file:serial "$@" \
        -device "virtio-serial-$bus" -chardev pipe,id=console,path=guest -device virtconsole,chardev=console \
        -device "virtio-balloon-$bus,id=balloon,$device" \
        -chardev stdio,id=qmp -mon qmp,mode=control \
        -kernel "$images/behave.elf" -append "debug_exit=0xf4 ${kernel_options:-} -- play" <qmp.in >qmp.out 2>qemu.err &
    emulator=$!
    exec {monitor}>qmp.in {guest}>guest.in
    qmp qmp_capabilities
}
# PCs, whose firmware says which interrupt line the balloon has: it has nothing else.
debug_exit=(-device isa-debug-exit,iobase=0xf4)
q35_board=("${q35[@]}" "${debug_exit[@]}")
pc_board=(-M pc -nodefaults "${debug_exit[@]}")
# The line is that of a port, and shared with another device behind another one.
port_board=("${q35_board[@]}" -device pcie-root-port,id=port1,chassis=1 -device pcie-root-port,id=port2,chassis=2
    -device virtio-rng-pci,vectors=0,bus=port1)
# qmp COMMAND [ARGUMENTS]: its answer is left in $answer.
qmp() {
    local command="{\"execute\": \"$1\", \"arguments\": ${2:-{\}}}" before
    before=$(grep -c '"return"\|"error"' qmp.out || true)
    echo "$command" >&"$monitor"
    poll "$patience" more_than "$before" '"return"\|"error"' qmp.out
    answer=$(grep '"return"\|"error"' qmp.out | tail -n 1)
    contains "answer to $command" "$answer" '"return"'
}
# tell COMMAND...: to the guest; the line that answers is left in $answer.
tell() {
    local before
    before=$(wc -l <console)
    echo "$@" >&"$guest"
    poll "$patience" more_than "$before" '' console
    answer=$(tail -n 1 console | tr -d '\r')
}
more_than() { [ "$(grep -c -- "$2" "$3")" -gt "$1" ]; }
statistic() {
    qmp qom-get '{"path": "/machine/peripheral/balloon", "property": "guest-stats"}'
    jq ".return.stats.\"stat-$1\"" <<<"$answer"
}
actual() {
    qmp query-balloon
    jq .return.actual <<<"$answer"
}
resident() { awk '/^RssAnon/ { print $2 * 1024 }' "/proc/$emulator/status"; }
finish_balloon_machine() {
    echo end >&"$guest"
    local status=0
    wait "$emulator" || status=$?
    expect "exit status" "$status" "$(exit_status 0)"
    if grep -q balloon qemu.err; then cat qemu.err >&2; return 1; fi
}

readonly mebibyte=$((1 << 20))
no_statistics() { [ "$(statistic total-memory)" -le 0 ]; }
actual_is() { [ "$(actual)" -eq "$1" ]; }

balloon_follows_qmp() { # device options
    balloon_machine "${1:-free-page-reporting=on,deflate-on-oom=on}"
    tell take 16
    expect "the guest's answer" "$answer" "took 16 MiB"
    qmp qom-set '{"path": "/machine/peripheral/balloon", "property": "guest-stats-polling-interval", "value": 1}'
    poll 20 eval '! no_statistics'
    local total free
    total=$(statistic total-memory) free=$(statistic free-memory)
    between "total memory" "$total" $((200 * mebibyte)) $((256 * mebibyte))
    between "free memory" "$free" 1 $((total - 16 * mebibyte))
    expect "memory swapped in" "$(statistic swap-in)" 0

    qmp balloon "{\"value\": $((128 * mebibyte))}"
    poll "$patience" actual_is $((128 * mebibyte))
    poll 20 eval "[ \"\$(statistic free-memory)\" -le $((free - 120 * mebibyte)) ]"
    tell check
    expect "what the program has" "$answer" "as written"
    qmp balloon "{\"value\": $((256 * mebibyte))}"
    poll "$patience" actual_is $((256 * mebibyte))
    tell take 150
    expect "what it can have again" "$answer" "took 150 MiB"
    finish_balloon_machine
}

balloon_deflates_for_a_program() {
    balloon_machine deflate-on-oom=on
    qmp balloon "{\"value\": $((64 * mebibyte))}"
    poll "$patience" actual_is $((64 * mebibyte))
    tell take 120
    expect "the guest's answer" "$answer" "took 120 MiB"
    [ "$(actual)" -gt $((128 * mebibyte)) ]
    tell check
    expect "what the program has" "$answer" "as written"
    finish_balloon_machine
}

freed_memory_leaves_qemu() {
    balloon_machine free-page-reporting=on
    local touched
    tell take 100
    touched=$(resident)
    [ "$touched" -gt $((100 * mebibyte)) ]
    tell free
    poll 30 eval "[ \"\$(resident)\" -lt $((touched - 95 * mebibyte)) ]"
    tell figures
    contains "the guest's figures" "$answer" "reported 10"
    tell take 100
    tell check
    expect "what was taken again" "$answer" "as written"
    finish_balloon_machine
}

migration_status_is() {
    qmp query-migrate
    [ "$(jq -r .return.status <<<"$answer")" = "$1" ]
}
# A migration sends every page that is not zero, unless the guest says that it is free.
free_memory_is_not_migrated() {
    # Reports would make the pages zero before they are hinted.
    kernel_options=balloon.report_delay=3600000
    balloon_machine "free-page-hint=${hint:-on},free-page-reporting=on,iothread=thread" -object iothread,id=thread
    tell take 100
    qmp migrate-set-capabilities '{"capabilities": [{"capability": "pause-before-switchover", "state": false}]}'
    qmp migrate-set-parameters '{"max-bandwidth": 1048576}'
    tell free
    qmp migrate '{"uri": "exec:cat >/dev/null"}'
    poll 20 migration_status_is active
    poll 20 hinted
    qmp migrate-set-parameters '{"max-bandwidth": 10000000000}'
    poll "$patience" migration_status_is completed
    [ "$(jq .return.ram.transferred <<<"$answer")" -lt $((50 * mebibyte)) ]
    qmp cont
    tell take 200
    expect "what the guest has again" "$answer" "took 200 MiB"
    tell check
    expect "what it holds" "$answer" "as written"
    finish_balloon_machine
}
hinted() {
    qmp query-migrate
    [ "$(jq .return.ram.remaining <<<"$answer")" -lt $((100 * mebibyte)) ]
}

on_q35() { board=q35_board "$@"; }
q35_balloon_follows_qmp() { on_q35 balloon_follows_qmp; }
q35_balloon_deflates_for_a_program() { on_q35 balloon_deflates_for_a_program; }
q35_freed_memory_leaves_qemu() { on_q35 freed_memory_leaves_qemu; }
q35_free_memory_is_not_migrated() { on_q35 free_memory_is_not_migrated; }
pc_balloon_follows_qmp() { board=pc_board balloon_follows_qmp; }
balloon_behind_a_root_port() {
    local device=free-page-reporting=on,deflate-on-oom=on,bus=port2
    board=port_board balloon_follows_qmp "$device"
}

# httpd_with_a_balloon OPTIONS...: what start_httpd starts, with a monitor that qmp() asks.
httpd_with_a_balloon() {
    cd "$(mktemp -d ./balloon.XXXXXX)"
    mkfifo monitor.in monitor.out
    # Open for good, as start_httpd may start QEMU more than once.
    exec {answers}<>monitor.out
    cat <&"$answers" >qmp.out &
    start_httpd "${q35[@]}" -m 256M -chardev pipe,id=monitor,path=monitor -mon chardev=monitor,mode=control "$@"
    exec {monitor}>monitor.in
    qmp qmp_capabilities
}
# The balloon goes down and up while pages are fetched.
balloon_while_serving() {
    local size
    for size in 128 256 96 192 256; do
        qmp balloon "{\"value\": $((size * mebibyte))}"
        poll "$patience" fetched_and_actual_is $((size * mebibyte))
    done
}
fetched_and_actual_is() {
    curl --silent --fail --max-time 10 "http://127.0.0.1:$port/" | cmp - page && actual_is "$1"
}

q35_net_console_and_balloon() {
    httpd_with_a_balloon -device virtio-net-pci,netdev=net -device virtio-rng-pci "${pci_console[@]}" \
        -device virtio-balloon-pci,id=balloon,free-page-reporting=on,deflate-on-oom=on
    httpd_serves pci
    balloon_while_serving
    contains console "$(cat serial console)" "virtio_console over pci"
    contains console "$(cat serial console)" "virtio_balloon over pci"
}

# Slots whose pins lead to the same line: all interrupts of the machine arrive there.
q35_devices_share_a_line() {
    httpd_with_a_balloon -device virtio-net-pci,netdev=net,vectors=0,addr=4 -device virtio-rng-pci,vectors=0,addr=8 \
        -device virtio-serial-pci,vectors=0,addr=12 "${pci_console[@]:2}" -device virtio-balloon-pci,id=balloon,addr=16
    httpd_serves pci
    balloon_while_serving
    contains console "$(cat serial console)" "virtio_console over pci"
}
