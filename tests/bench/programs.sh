# SPDX-License-Identifier: Apache-2.0
# Programs of others, beside the same sources with the same options on Linux: the processor time of the whole process,
# hv's and the boot included, because a guest's own clock counts what other processes of the host took.
make --no-print-directory -s lua sqlite zstd build/images/{lua,sqlite,zstd,libc-loads}.linux build/images/libc-loads.elf

# cpu_ms COMMAND...: its processor time and its children's.
cpu_ms() {
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null 2>&1 </dev/stdin; } 2>&1 | awk '{ print ($1 + $2) * 1000 }'
}
on_tenon() { cpu_ms "$hv" run --accel pv --memory 1G "$images/$1.elf" -- "${@:2}"; }
on_linux() { cpu_ms "$images/$1.linux" "${@:2}"; }

# compared WHAT AIM PROGRAM WORDS...: runs of five on either, in turn. Standard input is $input.
input=/dev/null
compared() {
    local run
    rm -f "$scratch"/{tenon,linux}.ms
    for run in 1 2 3 4 5; do
        on_tenon "${@:3}" <"$input" >>"$scratch/tenon.ms"
        on_linux "${@:3}" <"$input" >>"$scratch/linux.ms"
    done
    row "$1, speed of the same on Linux" "$(ratio "$(median <"$scratch/linux.ms")" "$(median <"$scratch/tenon.ms")")" \
        "" "$2" more
}

input=tests/bench/programs/lua.lua
for load in $("$images/lua.linux" - <"$input"); do compared "lua $load" 0.95 lua - "$load"; done
input=/dev/null
for load in $("$images/libc-loads.linux"); do compared "C library's $load" 0.83 libc-loads "$load"; done
compared "SQLite's speedtest1 in memory" 1.0 speedtest1 --size 25 --memdb
compared "zstd -b3" 1.0 zstd -q -b3 -i1
