# SPDX-License-Identifier: Apache-2.0
# ext4: guest and Linux's tools write and read the same disk; sudden ends; what is refused.

lasting=$images/lasting.elf
PATH=$PATH:/usr/sbin:/sbin

# an_ext4 FILE SIZE OPTIONS...: a disk as mke2fs makes it.
an_ext4() {
    rm -f "$1"
    truncate --size "$2" "$1"
    mke2fs -q -t ext4 "${@:3}" "$1"
}
# on_ext4 FILE ARGUMENTS...: the guest, with FILE mounted on /data.
on_ext4() {
    hv_run --memory 128M --disk "$1" --kernel-options "mount=ext4:/data,disk=${disk:-vda}${options:-}" "$lasting" \
        -- "${@:2}"
}
sound() { expect "e2fsck of $1" "$(e2fsck -fn "$1" 2>&1 | grep -v '^e2fsck\|^Pass' | tail -n +1 | grep -c .)" 1; }
# from_disk FILE PATH: a file's contents, as debugfs reads them.
from_disk() { debugfs -R "cat $2" "$1" 2>/dev/null; }

there_and_back() {
    an_ext4 a.raw 64M "$@"
    contains "writing" "$(on_ext4 a.raw write)" written
    sound a.raw
    expect "a file" "$(from_disk a.raw /tree/50 | sed -n 1p)" "file 50 at 0"
    contains "a link" "$(debugfs -R 'stat /soft' a.raw 2>/dev/null)" 'Fast link dest: "tree/2"'
    contains "reading" "$(on_ext4 a.raw,ro check)" "as written"
    printf 'from Linux\n' >text
    debugfs -w -f - a.raw >debugfs.out 2>&1 <<<$'write text text\nrm /after\nmkdir /new\nwrite text /new/text'
    contains "reading after Linux" "$(on_ext4 a.raw check)" "as written"
    contains "writing after Linux" "$(on_ext4 a.raw fill)" "room again"
    sound a.raw
    expect "Linux's file" "$(from_disk a.raw /new/text)" "from Linux"
}
test_case "what a guest writes on ext4, Linux's tools read, and the other way round" there_and_back
test_case "the same with blocks of 1 KiB" there_and_back -b 1024
test_case "the same with blocks of 2 KiB, and without checksums and 64 bits" there_and_back -b 2048 \
    -O ^metadata_csum,^64bit
test_case "the same with inodes of 128 bytes and block numbers instead of extents" there_and_back -I 128 \
    -O ^extents,^64bit

full() {
    an_ext4 full.raw 24M
    local said
    said=$(on_ext4 full.raw fill)
    contains "the end" "$said" "full: No space left on device"
    contains "then" "$said" "room again"
    sound full.raw
}
test_case "a full ext4 says so, and is usable when something was removed" full

# What a guest was told to be durable is there after SIGKILL: three threads, whose lines the disk has up to the last one
# that was printed.
killed() {
    an_ext4 killed.raw 64M
    local name last lines
    at_end forget killed
    "$hv" run --run-dir "$RUN" --accel pv --name killed --cpus 2 --memory 128M --disk killed.raw \
        --kernel-options "mount=ext4:/data,disk=vda" "$lasting" -- append >killed.out </dev/null &
    machine=$!
    poll 40 grep -q "^three 20" killed.out
    kill -KILL "$machine"
    wait "$machine" || true
    contains "the next mount" "$(on_ext4 killed.raw,ro check 2>&1 || true)" \
        "has to be replayed, and the disk is read-only"
    on_ext4 killed.raw fill >/dev/null 2>replayed
    sound killed.raw
    for name in one two three; do
        last=$(sed -n "s/^$name \([0-9]*\)\r*$/\1/p" killed.out | tail -n 1)
        lines=$(from_disk killed.raw "/$name" | sed -n "$((last + 1))p")
        expect "the last line of $name that was told" "$lines" "$last"
    done
}
test_case "after a sudden end nothing that fsync acknowledged is missing" killed

# refusal FILE TEXT: the mount is refused with a reason; the machine runs.
refusal() {
    local said
    said=$(disk=${3:-vda} on_ext4 "$1" check 2>&1 || true)
    contains "the reason" "$said" "$2"
}
refused_file_systems() {
    truncate --size 8M empty.raw
    refusal empty.raw "ext4 on vda cannot be mounted: there is no ext4"
    refusal empty.raw "ext4: there is no disk vdb" vdb
    an_ext4 journal.raw 8M -O ^has_journal
    refusal journal.raw "it has no journal of its own"
    an_ext4 inline.raw 8M -O inline_data
    refusal inline.raw "the feature inline_data"
    an_ext4 bigalloc.raw 64M -O bigalloc
    refusal bigalloc.raw "the feature bigalloc"
    an_ext4 short.raw 16M
    truncate --size 12M short.raw
    refusal short.raw "it is larger than the disk"
    an_ext4 torn.raw 16M
    printf '\xff' | dd of=torn.raw bs=1 seek=$((1024 + 200)) conv=notrunc status=none
    refusal torn.raw "the super block's checksum is wrong"
}
test_case "what cannot be mounted is named with its reason" refused_file_systems

read_only() {
    an_ext4 r.raw 16M
    local said
    said=$(options=,ro on_ext4 r.raw write 2>&1 || true)
    contains "the error" "$said" "Read-only file system"
    sound r.raw
}
test_case "an ext4 that is mounted read-only is not written" read_only
