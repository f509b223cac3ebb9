# SPDX-License-Identifier: Apache-2.0
# The build: no work is done twice, and changes are built again.

idle_build() {
    # -q: succeeds only if everything is up to date.
    make -q -C "$root" hv images
}
test_case "a second make has nothing to do" idle_build

# planned VARIABLES AND TARGETS...: the steps that make would take, a line for each: "LINK build/images/idle.elf".
planned() { make -n -C "$root" "$@" | sed -n "s/^printf '.*' '\([A-Z]*\)' '\(.*\)';.*/\1 \2/p"; }

lists() {
    expect "with other features" "$(planned images idle_features='console rng')" "LINK build/images/idle.elf"
    expect "with fewer" "$(planned images idle_features=)" "LINK build/images/idle.elf"
    local features
    features=$(sed -n 's/^idle_features := //p' "$root/images/idle/image.mk")
    expect "with those that it has" "$(planned images idle_features="$features")" ""
    # A source that is gone leaves no object behind: in the archive, and so in the images.
    local plan
    plan=$(planned hv images feature_rng= | sort | uniq -c | awk '{print $2}' | paste -sd ' ')
    contains "without a driver's source" "$plan" "AR LINK"
    expect "what is compiled for that" "$(planned hv images feature_rng= | grep -c -e ^CXX -e ^CC || true)" 0
    expect "hv without a source" "$(planned hv hv_extra_objects= | cut -d' ' -f1 | sort -u)" LD
}
test_case "another list of features or sources links anew, and compiles nothing" lists

# None of these may be built before the compilers and libraries are there. A set-up that cannot succeed shows targets
# that do not wait for it.
waits_for_set_up() {
    local none=$scratch/none plan
    status=0
    plan=$(make -n -k --no-print-directory -C "$root" BUILD="$none" --eval="$none/setup.stamp: /no/such/file" \
        hv images test bench fuzz lint format install 2>no_set_up.err) || status=$?
    expect "make's status" "$status" 2
    expect "what is made without set-up" "$plan" ""
    contains "why" "$(<no_set_up.err)" "'/no/such/file', needed by '$none/setup.stamp'"
}
test_case "everything that is made waits for set-up" waits_for_set_up

# The makefiles are read before there is a compiler.
read_without_compiler() {
    local output
    output=$(make -n -C "$root" BUILD="$scratch/none" GUEST_CC=no-such-compiler setup 2>&1)
    contains "what is made" "$output" setup/setup.sh
    [[ $output != *no-such-compiler* ]] || { echo "the compiler was asked: $output"; return 1; }
}
test_case "the makefiles can be read without a compiler" read_without_compiler

test_programs=(build/tests/escape/escape.elf build/tests/clock build/tests/ntp_server)

# verbs ARGUMENTS...: the kinds of work that are planned.
verbs() { planned "$@" | cut -d' ' -f1 | sort -u | paste -sd ' '; }
flags() {
    expect "hv's" "$(verbs hv images hv_cxxflags='-O1 -I.')" "CXX LD"
    expect "hv's linker's" "$(verbs hv images hv_ldflags=-static)" "LD"
    expect "libraries" "$(planned hv images slirp_libraries=-lslirp)" "LD build/hv-slirp"
    expect "the guest's for C++" "$(verbs hv images GUEST_CXXFLAGS=-O1)" "AR AS CC CXX LINK"
    expect "the guest's linker's" "$(verbs hv images GUEST_LDFLAGS=-static)" "LINK"
    expect "sources compiled for size" "$(verbs guest-libraries run_once=)" "AR AS CC CXX TAR"
    expect "an image's" "$(planned hv images idle_flags=-O1 | paste -sd ' ')" \
        "CC images/idle/main.c LINK build/images/idle.elf"
    expect "an image's libraries" "$(planned hv images idle_libs=-lm)" "LINK build/images/idle.elf"
    make -C "$root" "${test_programs[@]}"
    expect "the hostile guest's" "$(verbs "${test_programs[@]}" escape_cxxflags=-O2)" "AS CXX LINK"
    expect "programs' for the tests" "$(verbs "${test_programs[@]}" host_cxxflags=-O1)" "CXX"
    expect "the unit tests'" "$(verbs build/tests/unit unit_cxxflags=-O1)" "AR CC CXX LD"
    local own
    own=$(sed -n 's/^hv_ldflags := //p' "$root/hv/hv.mk")
    expect "those that it has" "$(planned hv images idle_flags= hv_ldflags="$own")" ""
}
test_case "another flag makes anew what it concerns, and nothing else" flags

rules() {
    expect "hv's" "$(verbs hv images -W hv/hv.mk)" "CXX LD"
    contains "the stub's" "$(make -n -C "$root" hv -W hv/accel/pv/pv.mk)" "stub.cpp"
    expect "the guest's" "$(verbs hv images -W kernel/kernel.mk)" "AR AS CC CXX LINK"
    expect "lwIP's" "$(verbs hv images -W kernel/net/net.mk)" "AR CC LINK"
    expect "the images'" "$(verbs hv images -W "$root/images/rules.mk")" "CC CXX LINK"
    make -C "$root" "${test_programs[@]}"
    expect "the hostile guest's" "$(verbs "${test_programs[@]}" -W tests/escape/escape.mk)" "AS CXX LINK"
    expect "the unit tests'" "$(verbs build/tests/unit -W tests/unit/unit.mk)" "AR CC CXX LD"
    expect "a program's for the tests" "$(planned "${test_programs[@]}" -W tests/clock/clock.mk)" \
        "CXX tests/clock/main.cpp"
}
test_case "another rule makes anew what it makes, and nothing else" rules

# Set-up builds its results in place; targets made from them depend on their stamps.
sysroot() {
    local stamp
    for stamp in newlib libstdcxx virtio-headers json-headers; do
        expect "$stamp" "$(verbs hv images -W "$root/build/.stamps/$stamp")" "AR AS CC CXX LINK"
    done
}
test_case "a C library built anew makes the guest anew, and not hv" sysroot

# Fuzzers and the programs of tests and measurements know their headers.
small_programs() {
    local out=$scratch/out
    make -C "$root" BUILD="$out" "$out/tests/fuzz/sntp" "$out/tests/clock"
    expect "nothing to do" "$(planned BUILD="$out" "$out/tests/fuzz/sntp" "$out/tests/clock")" ""
    expect "a fuzzer's header" \
        "$(planned BUILD="$out" "$out/tests/fuzz/sntp" -W kernel/net/sntp/packet.h | sort -u | paste -sd ' ')" \
        "FUZZ kernel/net/sntp/packet.cpp FUZZ tests/fuzz/sntp.cpp LD $out/tests/fuzz/sntp"
    expect "a program's" "$(planned BUILD="$out" "$out/tests/clock" -W tests/clock/reading.h)" \
        "CXX tests/clock/main.cpp"
    # Results of set-up stay, everything else is removed.
    mkdir -p "$out"/{sysroot,.stamps,obj,guest,images}
    touch "$out"/{hv,hv-slirp,httpd-linux,anything}
    make -C "$root" BUILD="$out" clean
    expect "what is left" "$(find "$out" -mindepth 1 | sort)" \
        "$(printf '%s\n' "$out/.stamps" "$out/setup.stamp" "$out/sysroot")"
}
test_case "fuzzers and the tests' programs know their headers; make clean leaves what set-up made, and nothing else" \
    small_programs

# Of a makefile that includes another, a copy without the other.
missing_include() {
    local file includes copies=0
    mkdir tree
    git -C "$root" ls-files Makefile '*.mk' | (cd "$root" && cpio --quiet -pd "$scratch/tree")
    make -n -C tree help >/dev/null
    includes=$(cd tree && sed -n -E 's/^include ([^$]*)$/\1/p' Makefile kernel/kernel.mk hv/hv.mk tests/tests.mk \
        tests/bench/bench.mk)
    for file in $includes; do
        copies=$((copies + 1))
        mv "tree/$file" aside
        status=0
        make -n -C tree help >/dev/null 2>&1 || status=$?
        expect "make's status without $file" "$status" 2
        mv aside "tree/$file"
    done
    [ $copies -ge 15 ] || { echo "only $copies includes were found"; return 1; }
    expect "what is included only if it is there" \
        "$(git -C "$root" grep -h '^-include' -- '*.mk' Makefile | sed -e '/\.d/d' -e '/guest_dependencies/d')" ""
}
test_case "a makefile that is missing is an error" missing_include

# A header that only sources include: make compiles exactly those that include it.
touched_header() {
    local header users plan
    for header in hv/cli/follow.h hv/supervise/reboot.h balloon/options.h tools-agent/kernel_guest.h; do
        [ -e "$root/$header" ] || { echo "there is no $header any more: choose another one"; return 1; }
        users=$(cd "$root" && grep -rlF "#include \"$header\"" hv kernel pv-drivers balloon tools-agent userland | sort)
        if grep -q '\.h$' <<<"$users"; then echo "a header includes $header: choose another one"; return 1; fi
        plan=$(planned hv images -W "$header" | sed -n 's/^CXX //p' | sort)
        expect "what a change of $header compiles" "$plan" "$users"
    done
    expect "what a change of a page compiles" "$(planned hv images -W README.md)" ""
}
test_case "a touched header compiles what includes it, and nothing else" touched_header

wx() {
    local segment
    while read -r segment; do
        [[ $segment != *RWE* ]] || { echo "a segment is writable and executable: $segment"; return 1; }
    done < <(readelf -lW "$images/httpd.elf" | grep LOAD)
}
test_case "no segment of an image is writable and executable" wx
