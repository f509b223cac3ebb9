# SPDX-License-Identifier: Apache-2.0
# SQLite: its shell, and its authors' benchmark, which checks all answers by a sum.
builds_sqlite() { make --no-print-directory -C "$root" sqlite; }
test_case "sqlite: it is built from its source package" builds_sqlite
# sqlite WORDS...: its shell.
sqlite() { hv_run --env HOME=/tmp "$images/sqlite.elf" -- -batch "$@"; }

sqlite_queries() {
    expect "numbers" "$(sqlite :memory: "select 1/3.0, 9223372036854775807, typeof(1e400), round(2.5), 7 % 4;")" \
        "0.333333333333333|9223372036854775807|real|3.0|3"
    expect "a window" "$(sqlite :memory: "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10)
        select sum(i), (select group_concat(i, '-') from (select i from n where i > 7)) from n;")" "55|8-9-10"
    expect "json, dates, like" "$(sqlite :memory: \
        "select json_extract('{\"a\":[1,2]}', '\$.a[1]'), date(0, 'unixepoch'),
        'Tenon' like 't_n%', upper('abc'), hex(zeroblob(2));")" "2|1970-01-01|1|ABC|0000"
    expect "a rolled back transaction" "$(sqlite /tmp/file.db "create table t(a unique); insert into t values(1);
        begin; insert into t values(2); rollback; select count(*) from t; pragma integrity_check;")" "1
ok"
    status_of hv_run "$images/sqlite.elf" -- -batch :memory: "select missing;"
    expect "the status of a wrong query" "$status" 1
    contains "what it says" "$output" "no such column: missing"
}
test_case "sqlite: queries in memory and in a file" sqlite_queries

# A shell that reads its commands from the console.
sqlite_script() {
    printf '%s\n' "create table t(a,b);" "insert into t values(1,'one'),(2,'two');" ".mode csv" \
        "select * from t;" >script
    expect "what it answers" "$(sqlite /tmp/script.db <script | tr -d '\r')" "1,one
2,two"
}
test_case "sqlite: a script on the console" sqlite_script

# The sum is Linux's with the same arguments.
sqlite_verified() {
    local sum="Verification Hash: 1770470 19f033c0ab47f9479fc13174d106795176c427658861a74b" place
    for place in --memdb /tmp/speed.db; do
        contains "$place" "$(hv_run --memory 512M "$images/speedtest1.elf" -- --size 10 --verify "$place")" "$sum"
    done
}
test_case "sqlite: speedtest1's answers are Linux's, in memory and on tmpfs" sqlite_verified
