# SPDX-License-Identifier: Apache-2.0
# Disks: guest and host read each other's writes; locks, errors, partitions, synchronous transfers.

# a_disk FILE SIZE: an image full of holes.
a_disk() { rm -f "$1"; truncate --size "$2" "$1"; }
# text_at FILE OFFSET: the text that stands there, up to its zero.
text_at() { dd if="$1" bs=4096 skip="$2" count=1 iflag=skip_bytes status=none | tr -d '\0'; }
on_disk() { hv_run --disk "$1" "$behave" -- disk "${@:2}"; }

written_and_read() {
    a_disk a.raw 8M
    contains "writing" "$(on_disk a.raw write /dev/vda 4096 'written by a guest')" flushed
    expect "on the host" "$(text_at a.raw 4096)" "written by a guest"
    expect "in the next guest" "$(on_disk a.raw,ro read /dev/vda 4096)" "read: written by a guest"
    contains "what it is" "$(on_disk a.raw tell)" "/dev/vda: 8388608 bytes, blocks of 512, writable"
}
test_case "what a guest writes is in the image, and the next guest reads it" written_and_read

every_block() {
    a_disk b.raw $((5 * 1024 * 1024 + 512))
    contains "pattern" "$(on_disk b.raw verify)" verified
}
test_case "a whole disk is written and read in odd sizes" every_block

# The same by ordinary calls.
synchronous() {
    a_disk s.raw 3M
    cat >disk.json <<EOF
{"boot-source": {"kernel_image_path": "$behave", "boot_args": "-- disk verify"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 64},
 "drives": [{"drive_id": "data", "path_on_host": "s.raw", "is_root_device": false, "is_read_only": false,
             "io_engine": "Sync"}]}
EOF
    contains "pattern" "$(hv_run --config disk.json)" verified
}
test_case "a drive of the configuration file works, with the synchronous engine too" synchronous

# As containers forbid it, and the sysctl kernel.io_uring_disabled.
without_io_uring() {
    cat >without_io_uring.cpp <<'SOURCE'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
// Runs a program that may not make a ring: without_io_uring PROGRAM ARGUMENT...
int main(int, char** argv) {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof code / sizeof code[0], code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 99;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return 99;
    execv(argv[1], argv + 1);
    return 99;
}
SOURCE
    g++ -std=c++20 -o without_io_uring without_io_uring.cpp
    a_disk u.raw 3M
    status_of ./without_io_uring "$hv" run --run-dir "$RUN" --accel pv --disk u.raw "$behave" -- disk verify
    expect "exit code" "$status" 0
    contains "pattern" "$output" verified
    contains "what hv says" "$output" io_uring
}
test_case "where io_uring is forbidden, disks work without, and hv says so" without_io_uring

flushed_is_there() {
    a_disk f.raw 4M
    start flushed --disk f.raw "$behave" -- disk hold /dev/vda 8192 "safe after a flush"
    kill -KILL "$machine"
    wait "$machine" || true
    expect "on the host" "$(text_at f.raw 8192)" "safe after a flush"
    # The lock has gone with the machine; the next one of its name removes what it left.
    expect "in the next guest" "$(hv_run --name flushed --disk f.raw "$behave" -- disk read /dev/vda 8192)" \
        "read: safe after a flush"
}
test_case "what was flushed is there after the machine was killed, and its lock is not" flushed_is_there

read_only() {
    a_disk r.raw 1M
    chmod 444 r.raw
    status_of on_disk r.raw,ro write
    expect "exit code" "$status" 1
    contains "opening" "$output" "Read-only file system"
    contains "telling" "$(on_disk r.raw,ro tell)" "read-only"
    expect "the image" "$(tr -d '\0' <r.raw | wc -c)" 0
}
test_case "a read-only disk cannot be written to" read_only

counted() {
    a_disk first.raw 1M
    a_disk second.raw 1M
    start counting --disk first.raw --disk second.raw "$behave" -- disk hold /dev/vdb 8192 counted
    local stats
    stats=$("$hv" stat --run-dir "$RUN" --json counting)
    expect "disks" "$(jq -r '.disk | keys | join(" ")' <<<"$stats")" "vda vdb"
    expect "writes of the first" "$(jq .disk.vda.writes <<<"$stats")" 0
    expect "bytes written to the second" "$(jq .disk.vdb.written_bytes <<<"$stats")" 4096
    [ "$(jq .disk.vdb.flushes <<<"$stats")" -ge 1 ]
    expect "what is not the sum of both" "$(jq -r '[.disk.vda, .disk.vdb] as [$a, $b] | .blk as $sum | $a | keys[] |
        select($sum[.] != $a[.] + $b[.])' <<<"$stats")" ""
    contains "hv stat" "$("$hv" stat --run-dir "$RUN" counting | tr -s ' ')" "disk.vdb.written_bytes 4096"
    contains "hv metrics" "$("$hv" metrics --run-dir "$RUN")" \
        'tenon_disk_written_bytes_total{machine="counting",disk="vdb"} 4096'
    stop "$machine"
}
test_case "each disk has counters of its own" counted

locks() {
    a_disk l.raw 1M
    start locks --disk l.raw "$behave" -- disk hold
    refused_run 104 "disk 'l.raw': another machine has it open" --disk l.raw "$behave"
    refused_run 104 "disk 'l.raw': another machine writes to it" --disk l.raw,ro "$behave"
    stop "$machine"
    start readers --disk l.raw,ro "$behave" -- wait
    contains "a second reader" "$(on_disk l.raw,ro tell)" "read-only"
    refused_run 104 "another machine has it open" --disk l.raw "$behave"
    refused_run 104 "another machine has it open" --disk l.raw,ro --disk l.raw "$behave"
    stop "$machine"
}
test_case "an image has one writer or many readers" locks

bad_images() {
    refused_run 101 "disk 'none.raw': no such file" --disk none.raw "$behave"
    a_disk odd.raw 4097
    refused_run 100 "disk 'odd.raw': image is 4097 bytes, not a multiple of 512" --disk odd.raw "$behave"
    a_disk empty.raw 0
    refused_run 100 "disk 'empty.raw': image is empty" --disk empty.raw "$behave"
    mkfifo pipe.raw
    refused_run 100 "neither a file nor a block device" --disk pipe.raw "$behave"
    refused_run 100 "Is a directory" --disk . "$behave"
    refused_run 100 "'fast' is not an option of a disk" --disk odd.raw,fast "$behave"
    refused_run 100 "no file is named" --disk ,ro "$behave"
    a_disk many.raw 1M
    local nine=() i
    for i in $(seq 9); do nine+=(--disk many.raw,ro); done
    refused_run 100 "9 disks" "${nine[@]}" "$behave"
}
test_case "what cannot be a disk is refused by name" bad_images

several() {
    a_disk one.raw 1M
    a_disk two.raw 2M
    contains "the second" "$(hv_run --disk one.raw --disk two.raw "$behave" -- disk tell /dev/vdb)" "2097152 bytes"
    contains "configuration" "$(hv_run --disk one.raw --disk two.raw "$behave" -- disk write /dev/vdb 0 second)" flushed
    expect "on the host" "$(text_at two.raw 0)" second
}
test_case "a machine may have several disks" several

allocated() { stat --format=%b "$1"; }

discarded() {
    rm -f d.raw
    head -c 4M /dev/zero | tr '\0' x >d.raw
    local before
    before=$(allocated d.raw)
    contains "forbidden" "$(on_disk d.raw,discard=off discard /dev/vda 1048576 2097152 2>&1 || true)" "not supported"
    expect "blocks after that" "$(allocated d.raw)" "$before"
    contains "discarding" "$(on_disk d.raw discard /dev/vda 1048576 2097152)" changed
    between "blocks of 512" "$(allocated d.raw)" 1 $((before - 4000))
    expect "size" "$(stat --format=%s d.raw)" 4194304
    expect "data around" "$(head -c 1M d.raw | tr -d x | wc -c) $(tail -c 1M d.raw | tr -d x | wc -c)" "0 0"
    contains "a read-only disk" "$(on_disk d.raw,ro discard 2>&1 || true)" "Read-only file system"
    refused_run 100 "'discard=maybe' is not an option of a disk" --disk d.raw,discard=maybe "$behave"
}
test_case "discarded blocks are given back to the host, unless that is off" discarded

zeroed() {
    rm -f z.raw
    head -c 4M /dev/zero | tr '\0' x >z.raw
    contains "zeroing" "$(on_disk z.raw zero /dev/vda 1048576 2097152)" changed
    expect "zeros" "$(tr -d '\0' <z.raw | wc -c)" 2097152
    # By written zeros where the disk has no such operation.
    head -c 4M /dev/zero | tr '\0' x >z.raw
    contains "writing zeros" "$(on_disk z.raw,discard=off zero /dev/vda 4096 2097152)" changed
    expect "zeros" "$(tr -d '\0' <z.raw | wc -c)" 2097152
    contains "beyond the end" "$(on_disk z.raw zero /dev/vda 4096 4194304 2>&1 || true)" "Invalid argument"
}
test_case "a range of a disk is made zero, with and without the host's help" zeroed

grown() {
    a_disk g.raw 1M
    start grown --disk g.raw "$behave" -- disk grow
    refused 100 "has 1048576 bytes, and is not made smaller" "$hv" set --run-dir "$RUN" grown vda.size=64K
    refused 100 "no disk 'vdb'" "$hv" set --run-dir "$RUN" grown vdb.size=4M
    refused 100 "not whole sectors" "$hv" set --run-dir "$RUN" grown vda.size=1000001
    refused 100 "has 'size', 'bps' and 'iops'" "$hv" set --run-dir "$RUN" grown vda.rx=1M
    "$hv" set --run-dir "$RUN" grown vda.size=4M
    wait "$machine"
    contains "what the guest saw" "$(cat grown.out)" "grown to 4194304 bytes"
    expect "behind the old end" "$(text_at g.raw 1048576)" "behind the old end"
    expect "size" "$(stat --format=%s g.raw)" 4194304
}
test_case "a disk grows while its machine runs" grown

reread() {
    a_disk again.raw 1M
    start again --disk again.raw "$behave" -- disk hold
    local asked=(curl --silent --max-time 10 --unix-socket "$RUN/again/api.sock" --request PATCH --data)
    contains "another image" "$("${asked[@]}" '{"path_on_host": "other.raw"}' http://localhost/drives/disk0)" \
        "only its size can change"
    contains "no such drive" "$("${asked[@]}" '{}' http://localhost/drives/none)" "'none' is not a drive"
    truncate --size 1000001 again.raw
    contains "an odd size" "$("${asked[@]}" '{}' http://localhost/drives/disk0)" "not a multiple of 512"
    truncate --size 2M again.raw
    "$hv" set --run-dir "$RUN" again vda.size=image
    expect "capacity" "$(get again /stats | jq .disk.vda.capacity_bytes)" 2097152
    stop "$machine"
}
test_case "the size of an image is read again on request, and only that" reread

full_host() {
    status_of unshare --user --map-root-user --mount bash -c "
        mkdir full && mount -t tmpfs -o size=4M none full && truncate --size 16M full/disk.raw &&
        exec '$hv' run --run-dir full_run --accel pv --disk full/disk.raw '$behave' -- disk fill"
    expect "exit code" "$status" 1
    contains "what the guest is told" "$output" "write: I/O error"
}
if unshare --user --map-root-user --mount true 2>/dev/null; then
    test_case "a full host is told to the guest" full_host
else
    skip_case "a full host is told to the guest" "no user namespaces here"
fi

shown() {
    a_disk shown.raw 1M
    start shown --disk shown.raw,ro "$behave" -- wait
    local drive
    drive=$(get shown /vm/config | jq -c '.drives[0]')
    expect "path" "$(jq -r .path_on_host <<<"$drive")" "$PWD/shown.raw"
    expect "read-only" "$(jq -r .is_read_only <<<"$drive")" true
    contains "counters" "$(get shown /stats | jq -c .blk)" read_bytes
    stop "$machine"
}
test_case "the control socket shows the drives" shown

partitioned() {
    a_disk p.raw 16M
    printf 'label: %s\nstart=2048, size=4096\nstart=8192, size=8192\n' "$1" | sfdisk --quiet p.raw
    contains "second partition" "$(on_disk p.raw tell /dev/vda2)" "/dev/vda2: 4194304 bytes"
    contains "writing" "$(on_disk p.raw write /dev/vda2 0 'in the second')" flushed
    expect "on the host" "$(text_at p.raw $((8192 * 512)))" "in the second"
    status_of on_disk p.raw tell /dev/vda3
    contains "no third one" "$output" "No such file"
}
test_case "partitions of an MBR are disks" partitioned dos
test_case "partitions of a GPT are disks" partitioned gpt

# The agent's report of a disk and its partitions, after 4 KiB were written to the second one.
told_by_the_agent() {
    a_disk t.raw 16M
    printf 'label: gpt\nstart=2048, size=4096\nstart=8192, size=8192\n' | sfdisk --quiet t.raw
    start told --disk t.raw "$behave" -- disk hold /dev/vda2 8192 text
    poll 20 test -S "$RUN/told/agent.sock"
    local parts='[.[] | [.name, .partition, .dependencies[0], .address."bus-type"]]'
    expect disks "$(hv_at agent told guest-get-disks | jq -c "$parts")" \
        '[["/dev/vda",false,null,"virtio"],["/dev/vda1",true,"/dev/vda",null],["/dev/vda2",true,"/dev/vda",null]]'
    local figures
    figures=$(hv_at agent told guest-get-diskstats)
    expect names "$(jq -c 'map(.name)' <<<"$figures")" '["vda","vda1","vda2"]'
    expect "sectors written, of all and each" "$(jq -c 'map(.stats."write-sectors")' <<<"$figures")" '[8,0,8]'
    expect flushes "$(jq -c 'map(.stats."flush-ios")' <<<"$figures")" '[1,0,1]'
    [ "$(jq '.[0].stats."read-ios" > 0 and .[0].stats."ios-pgr" == 0' <<<"$figures")" = true ]
    stop "$machine"
    start none "$behave" -- wait
    poll 20 test -S "$RUN/none/agent.sock"
    expect "disks of a machine without any" "$(hv_at agent none guest-get-disks | jq -c .)" '[]'
    expect "their figures" "$(hv_at agent none guest-get-diskstats | jq -c .)" '[]'
    stop "$machine"
}
test_case "the agent tells of disks, their partitions, and what was written to each" told_by_the_agent

damaged_gpt() {
    partitioned gpt
    dd if=/dev/zero of=p.raw bs=512 seek=1 count=1 conv=notrunc status=none
    contains "the backup" "$(on_disk p.raw tell /dev/vda2 2>&1)" "/dev/vda2: 4194304 bytes"
    dd if=/dev/zero of=p.raw bs=512 seek=$((16 * 2048 - 1)) count=1 conv=notrunc status=none
    contains "a warning" "$(on_disk p.raw tell 2>&1)" "both copies of the GPT are damaged"
}
test_case "a damaged GPT is read from its copy, and none is told" damaged_gpt

shrunk() {
    a_disk shrunk.raw 1M
    start shrunk --disk shrunk.raw "$behave" -- disk hold
    truncate --size 4096 shrunk.raw
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "an image that is made shorter meanwhile harms nobody" shrunk
