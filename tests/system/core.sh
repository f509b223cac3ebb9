# SPDX-License-Identifier: Apache-2.0
# Core files of guests that crashed: gdb opens them, they are small, and a full disk loses only the core.

# by_gdb CORE COMMAND: gdb's output.
by_gdb() { gdb -batch -nx -ex "$2" "$behave" "$1" 2>&1; }

hung_core() {
    status_of hv_run --watchdog 0.4 --core hung.core "$behave" -- stuck masked
    expect "exit code" "$status" 107
    contains "what hv says" "$output" "core file 'hung.core' (gdb $behave hung.core)"
    local backtrace
    backtrace=$(by_gdb hung.core bt)
    contains "innermost function" "$backtrace" "hang_with_interrupts_masked ()"
    contains "outer function" "$backtrace" "main (argc=3"
    contains "a global" "$(by_gdb hung.core "print 'stuck.cpp'::number_to_find")" "= 4711"
    contains "registers" "$(by_gdb hung.core 'info registers rip')" hang_with_interrupts_masked
    expect "files" "$(ls hung.core*)" hung.core
    expect "mode" "$(stat -c %a hung.core)" 600
}
crashed_core() {
    status_of hv_run --core crash.core "$behave" -- "$1"
    expect "exit code" "$status" 107
    contains "backtrace" "$(by_gdb crash.core bt)" "$2"
}

sizes() {
    status_of hv_run --memory 6G --core big.core "$behave" -- abort
    expect "exit code" "$status" 107
    # All of RAM, on both sides of the hole, and its file has the pages that the guest has written to.
    expect "apparent size" "$(($(stat -c %s big.core) >> 20))" 6144
    local real=$(($(stat -c '%b * %B' big.core)))
    echo "takes up $real bytes"
    between "bytes of the core file on disk" "$real" 200000 $((32 << 20))
    contains "backtrace" "$(by_gdb big.core bt)" "abort ()"
}

full_disk() {
    mkdir small
    cat >full.sh <<'SCRIPT'
mount -t tmpfs -o size=64k none small || exit 99
"$hv" run --run-dir "$RUN" --accel pv --core small/core "$behave" -- fault
code=$?
echo "left: $(ls -A small)"
exit $code
SCRIPT
    export hv behave
    status_of unshare --mount bash full.sh
    if [ "$status" = 99 ]; then return 1; fi
    expect "exit code" "$status" 107
    contains "the report" "$output" "address 0x1234"
    contains "the report's end" "$output" tenon_thread_start
    contains "what hv says" "$output" "core file 'small/core' is not written: No space left on device"
    contains "what is left" "$output" "left: "$'\n' || expect "last line" "${output##*$'\n'}" "left: "
}

no_core() {
    # One that ends well, one that is killed, and one whose hv is killed leave nothing.
    status_of hv_run --core good.core "$behave" -- exit 3
    expect "exit code" "$status" 3
    files_are good ""
    start killed --core killed.core "$behave" -- wait
    kill -KILL "$machine"
    wait "$machine" || true
    poll 5 files_are killed ""
    # Nor does one whose process is gone.
    start gone --core gone.core "$behave" -- wait
    kill -KILL "$(pgrep -P "$machine" tenon-guest)"
    wait "$machine" || true
    poll 5 files_are gone ""
}
# files_are NAME LIST: the list of NAME's core files, unfinished ones too.
files_are() { [ "$(find . -maxdepth 1 -name "$1.core*" | sort | paste -sd ' ')" = "$2" ]; }

replaced() {
    echo old >again.core
    detach again --core again.core --on-crash restart "$behave" -- abort
    poll 20 restarted again 2
    hv_at stop again
    contains "backtrace" "$(by_gdb again.core bt)" "abort ()"
    poll 5 files_are again ./again.core
    contains "what the log says" "$(hv_at logs again)" "core file 'again.core'"
}

bad_places() {
    status_of hv_run --core no/such/core "$behave"
    expect "exit code without the directory" "$status" 101
    contains "message" "$output" "--core 'no/such/core'"
    status_of hv_run --core . "$behave"
    expect "exit code for a directory" "$status" 100
    status_of "$hv" run -d --run-dir "$RUN" --accel pv --core no/such/core "$behave"
    expect "exit code of a detached one" "$status" 101
    expect "machines" "$(hv_at ps -aq)" ""
    nothing_left
}

if command -v gdb >/dev/null; then
    test_case "a core file of a guest that hangs shows its stack, its registers and its memory" hung_core
    test_case "a core file shows where a program aborted" crashed_core abort "abort ()"
    test_case "a core file shows where a fault was" crashed_core fault "write_to (address=0x1234)"
    test_case "a core file has all of RAM, and takes up what the guest has used" sizes
    test_case "a machine that crashes again replaces its core file" replaced
else
    skip_case "core files" "needs gdb"
fi
root_case "a file system of its own" "a disk that is full costs the core file, and not the crash report" full_disk
test_case "machines that do not crash leave no core file" no_core
test_case "a place where no core file can be is refused at the start" bad_places
