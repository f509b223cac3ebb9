# SPDX-License-Identifier: Apache-2.0
# Lua.
lua=$images/lua.elf

builds() { make --no-print-directory -C "$root" lua; }
test_case "lua: it is built from its source package" builds

# Each script checks itself by assert(), and says at its end that it got there.
scripts() {
    local script
    for script in "$root"/tests/programs/lua/*.lua; do
        expect "${script##*/}" "$(hv_run --memory 256M "$lua" -- - <"$script" | tail -n 1)" "checked"
    done
}
test_case "lua: numbers, strings, tables, coroutines, collection of garbage, files, errors" scripts

one_line() {
    local line='print(_VERSION, os.getenv("HOME"), arg[0], 2^53, 7 // 2)'
    expect "a line" "$(hv_run "$lua" --env HOME=/tmp -- -e "$line")" \
        "Lua 5.4	/tmp	lua	9.007199254741e+15	3"
    status_of hv_run "$lua" -- -e 'error("on purpose")'
    expect "its status for an error" "$status" 1
    contains "what it says" "$output" "on purpose"
    status_of hv_run "$lua" -- /no/script.lua
    expect "its status without the script" "$status" 1
    contains "what it says without it" "$output" "cannot open /no/script.lua"
}
test_case "lua: arguments, environment, errors" one_line

absent_processes() {
    contains "popen" "$(hv_run "$lua" -- -e 'print(io.popen("ls"))')" "Function not implemented"
    contains "execute" "$(hv_run "$lua" -- -e 'print(os.execute())')" false
}
test_case "lua: processes are refused with the reason" absent_processes
