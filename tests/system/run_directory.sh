# SPDX-License-Identifier: Apache-2.0
# Commands that only look delete nothing, even in a run directory that an attacker has prepared.

# Names, kinds, modes, owners and contents of all that is below the directories.
picture() {
    find "$@" -printf '%p %y %m %u %i %l\n' | sort
    find "$@" -type f -exec md5sum {} + | sort
}

# prepare DIRECTORY OUTSIDE: files that a user, or an attacker who knows hv's layout, may have put there.
prepare() {
    local base=$1 outside=$2 name
    mkdir -m 700 "$base" "$outside" "$outside/system"
    echo precious >"$outside/system/passwd"
    touch "$outside/system/lock"
    mkdir -m 700 "$outside/empty"
    echo precious >"$base/file"
    mkdir -m 700 "$base/empty" "$base/nested" "$base/nested/deeper"
    for name in locked looks-like-one open fifo-inside linked-lock; do mkdir -m 700 "$base/$name"; done
    for name in locked looks-like-one open; do touch "$base/$name/lock"; done
    for name in console.log record.json api.sock crash.txt thesis.tex; do
        echo precious >"$base/looks-like-one/$name"
    done
    printf 'tenon machine\nkept 0\n' >"$base/looks-like-one/lock"
    chmod 755 "$base/open"
    ln -s "$outside/system" "$base/link"
    ln -s "$outside/empty" "$base/link-to-empty"
    ln -s /nowhere "$base/dangling"
    mkfifo "$base/fifo"
    mkfifo "$base/fifo-inside/lock"
    ln -s "$outside/system/passwd" "$base/linked-lock/lock"
    if [ "$(id -u)" = 0 ]; then
        mkdir -m 700 "$base/foreign" "$base/device-inside"
        touch "$base/foreign/lock"
        chown -R nobody "$base/foreign"
        # A container may not make devices.
        mknod "$base/device" c 1 3 2>/dev/null || true
        mknod "$base/device-inside/lock" c 1 3 2>/dev/null || true
    fi
}

every_command() {
    local base=$1 name
    for name in "$base"/*; do
        name=${name##*/}
        for command in info logs console wait pause resume kill rm "rm -f" stat memory balloon reclaim \
            "stop --timeout 0.1" \
            "reboot --timeout 0.1"; do
            # shellcheck disable=SC2086
            status_of timeout 20 "$hv" $command --run-dir "$base" "$name"
            [ "$status" = 101 ] || { echo "$command $name: exit code $status, $output"; return 1; }
        done
        status_of timeout 20 "$hv" agent --run-dir "$base" "$name" guest-ping
        expect "hv agent" "$status" 101
        refused 104 "is not a machine's directory" "$hv" run --run-dir "$base" --accel pv --name "$name" \
            "$images/hello.elf"
        refused 104 "is not a machine's directory" "$hv" run -d --run-dir "$base" --accel pv --name "$name" \
            "$images/hello.elf"
    done
    expect "hv ps" "$("$hv" ps -a -q --run-dir "$base")" ""
    expect "hv top" "$("$hv" top --json --run-dir "$base")" "[]"
    "$hv" metrics --run-dir "$base" >/dev/null
    "$hv" balance --run-dir "$base" --once --dry-run >/dev/null
    "$hv" events --run-dir "$base" >/dev/null
    expect "a machine beside all that" "$("$hv" run --run-dir "$base" --accel pv "$images/hello.elf")" \
        "Hello from Tenon"
    "$hv" run -d --run-dir "$base" --accel pv --name beside "$images/idle.elf" >/dev/null
    expect "hv ps" "$("$hv" ps -q --run-dir "$base")" beside
    "$hv" rm -f --run-dir "$base" beside
}

prepared() {
    prepare prepared outside
    local before after
    before=$(picture prepared/* outside)
    every_command "$PWD/prepared"
    after=$(picture prepared/* outside)
    expect "what was prepared" "$after" "$before"
}
test_case "no command touches what hv did not make in its run directory" prepared

looked_at() {
    local base command
    mkdir -m 700 looked-at
    for base in looked-at not-there; do
        for command in "ps -a" top metrics events prune "stop --all" "balance --once --dry-run"; do
            # shellcheck disable=SC2086
            "$hv" $command --run-dir "$base" >/dev/null
        done
    done
    expect "what looking has made" "$(find looked-at -mindepth 1)" ""
    [ ! -e not-there ]
    # Events of a directory that is made later.
    "$hv" events -f --run-dir later >followed &
    poll 10 test -d later
    "$hv" run --run-dir later --accel pv --name first "$images/hello.elf"
    poll 10 grep -q 'first: ended with exit code 0' followed
    # Neither files nor links are machines to hv balance.
    touch looked-at/file
    ln -s "$PWD/later" looked-at/link
    expect "what hv balance says of them" "$("$hv" balance --once --dry-run --run-dir looked-at)" ""
}
test_case "looking makes no files and no directories" looked_at

# The option, then the configuration file, then the variable.
by_variable() {
    export HV_RUN_DIR=$PWD/by-variable
    at_end "$hv" rm -f --run-dir "$HV_RUN_DIR" chosen
    "$hv" run -d --accel pv --name chosen "$images/idle.elf" >/dev/null
    expect "by the variable" "$("$hv" ps -q)" chosen
    expect "by an option of the same value" "$(HV_RUN_DIR=/nowhere "$hv" ps -q --run-dir "$PWD/by-variable")" chosen
    expect "by another option" "$("$hv" ps -q --run-dir "$PWD/by-option")" ""
    contains "hv info" "$("$hv" info chosen)" "$PWD/by-variable/chosen"
    refused 101 "no machine of this name is running in '/nowhere'" env HV_RUN_DIR=/nowhere "$hv" stat chosen
    mkdir -m 755 open-to-others
    refused 105 "not a directory of this user alone" env HV_RUN_DIR="$PWD/open-to-others" "$hv" ps
    printf '{"boot-source": {"kernel_image_path": "%s"}, "tenon": {"run_directory": "%s"}}' "$images/idle.elf" \
        "$PWD/by-file" >file.json
    at_end "$hv" rm -f --run-dir "$PWD/by-file" filed
    "$hv" run -d --accel pv --name filed --config file.json >/dev/null
    expect "by the configuration file" "$("$hv" ps -q --run-dir "$PWD/by-file")" filed
    contains "the help" "$("$hv" ps --help)" HV_RUN_DIR
}
test_case "HV_RUN_DIR is the run directory, unless an option or a configuration file names another one" by_variable

# Each command refuses a directory that is not this user's alone before it looks into it.
unsafe_base() {
    mkdir -m 755 unsafe
    mkdir -m 700 unsafe/machine prepared2 prepared2/empty
    touch unsafe/machine/lock
    ln -s prepared2 unsafe-link
    local before base command
    before=$(picture unsafe prepared2 unsafe-link)
    for base in unsafe unsafe-link; do
        for command in ps top metrics events "balance --once --dry-run"; do
            # shellcheck disable=SC2086
            refused 105 "not a directory of this user alone" "$hv" $command --run-dir "$base"
        done
        for command in info logs console wait pause resume kill rm "rm -f" stat memory balloon reclaim stop reboot; do
            # shellcheck disable=SC2086
            refused 105 "not a directory of this user alone" "$hv" $command --run-dir "$base" machine
        done
        refused 105 "not a directory of this user alone" "$hv" run --run-dir "$base" --accel pv "$images/hello.elf"
        refused 105 "not a directory of this user alone" "$hv" run -d --run-dir "$base" --accel pv "$images/hello.elf"
    done
    expect "what was prepared" "$(picture unsafe prepared2 unsafe-link)" "$before"
}
test_case "every command refuses a run directory of others before it touches it" unsafe_base

led_away() {
    [ "$(id -u)" = 0 ] || return 0
    install -d -o nobody -m 755 "$scratch/theirs"
    chmod 755 "$scratch"
    mkdir -m 700 "$scratch/theirs/base" target target/empty
    refused 105 "belongs to another user" "$hv" ps --run-dir "$scratch/theirs/base"
    rmdir "$scratch/theirs/base"
    ln -s "$PWD/target" "$scratch/theirs/base"
    refused 105 "" "$hv" ps --run-dir "$scratch/theirs/base"
    refused 105 "belongs to another user" "$hv" run --run-dir "$scratch/theirs/base/empty" --accel pv \
        "$images/hello.elf"
    [ -d target/empty ]
}
test_case "another user cannot lead root anywhere" led_away
