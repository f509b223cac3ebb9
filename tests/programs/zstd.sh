# SPDX-License-Identifier: Apache-2.0
# zstd, and the host's zstd as its peer.
builds_zstd() { make --no-print-directory -C "$root" zstd; }
test_case "zstd: it is built from its source package" builds_zstd
# zstd_run ARGUMENTS...: from standard input to standard output, which a console carries as they are.
zstd_run() { hv_run --memory 512M "$images/zstd.elf" -- -q "$@"; }

zstd_benchmark() {
    # It compresses, decompresses and compares; the ratio is the same on every system.
    contains "level 3" "$(zstd_run -b3 -i0 2>&1)" "(3.095)"
    contains "level 1 with two threads" "$(zstd_run -b1 -i0 -T2 2>&1)" "(3.172)"
}
test_case "zstd: its benchmark compresses, and gets back what it had" zstd_benchmark

zstd_round_trip() {
    cat "$root"/docs/*.md "$images/zstd.NOTICE" "$hv" 2>/dev/null | head -c 3000000 >plain || true
    head -c 100000 /dev/urandom >>plain
    local level
    for level in 1 3 12; do
        zstd_run "-$level" -c -f - <plain >"packed.$level"
        zstd -q -d -c "packed.$level" | cmp - plain
    done
    [ "$(stat -c %s packed.12)" -lt "$(stat -c %s packed.1)" ]
    zstd -q -9 --check -c plain >theirs
    zstd_run -d -c -f - <theirs | cmp - plain
}
test_case "zstd: the host's zstd unpacks what it packs, and the other way round" zstd_round_trip

zstd_damage() {
    head -c 100000 /dev/urandom | zstd -q --check -c >good
    head -c 50000 good >short
    {
        head -c 50000 good
        printf x
        tail -c +50002 good
    } >wrong
    local file
    for file in short wrong; do
        status_of zstd_run -d -c -f - <"$file"
        expect "its status for what is $file" "$status" 1
    done
}
test_case "zstd: damaged input is an error" zstd_damage
