# SPDX-License-Identifier: Apache-2.0
# Programs outside of the repository: built with its tenon.mk, and with the installed one where the repository plays no
# part.

# write_program: in a folder whose name has a space, sources of every kind, some with spaces in their names, and files
# for the program.
write_program() {
    mkdir -p "my program/some files/a folder" "my program/lib"
    cd "my program"
    echo Greetings >"some files/a folder/greeting of mine"
    cat >"main file.cpp" <<'EOC'
#include <cstdio>
#include <fstream>
#include <string>
#include "a header.h"
extern "C" int from_c(), from_assembly();
int from_cc(), from_cxx();
int main() {
    std::ifstream file("/a folder/greeting of mine");
    std::string line;
    std::getline(file, line);
    std::printf("%s from outside %d %d %d %d %d\n", line.c_str(), from_header, from_c(), from_cc(), from_cxx(),
                from_assembly());
}
EOC
    echo 'constexpr int from_header = 1;' >"a header.h"
    echo 'int from_c(void) { return 2; }' >c.c
    echo 'int from_cc() { return 3; }' >cc.cc
    echo 'int from_cxx() { return 4; }' >cxx.cxx
    printf '.globl from_assembly\nfrom_assembly:\n    mov $%s, %%eax\n    ret\n' FIVE >assembly.S
    sed -i '1i #define FIVE 5' assembly.S
}
expected="Greetings from outside 1 2 3 4 5"
# tenon ARGUMENTS...: runs make with the repository's tenon.mk. planned_outside: prints what it would do.
tenon() { make --no-print-directory -f "${tenon_mk:-$root/tenon.mk}" FILES="some files" "$@"; }
planned_outside() { tenon -n "$@" | sed -n "s/^printf '.*' '\([A-Z]*\)' '\(.*\)';.*/\1 \2/p" | paste -sd ' '; }

outside() {
    write_program
    tenon
    expect "output" "$(hv_run build/images/my-program.elf)" "$expected"
    contains "notice" "$(<build/images/my-program.NOTICE)" "Newlib"
    expect "a second time" "$(planned_outside)" ""
    expect "with other flags" "$(planned_outside FLAGS=-O1)" \
        "AS assembly.S CC c.c CXX cc.cc CXX cxx.cxx CXX main file.cpp LINK build/images/my-program.elf"
    expect "with other features" "$(planned_outside FEATURES='console rng')" "LINK build/images/my-program.elf"
    expect "with a library" "$(planned_outside LIBS=-lm)" "LINK build/images/my-program.elf"
    touch "a header.h"
    expect "with another header" "$(planned_outside)" "CXX main file.cpp LINK build/images/my-program.elf"
    touch "some files/a folder/greeting of mine"
    contains "with another file" "$(planned_outside)" "ARCHIVE some files"
    tenon
    expect "named sources" "$(planned_outside IMAGE=other SOURCES='main\ file.cpp c.c' FILES=)" \
        "CXX main file.cpp CC c.c LINK build/images/other.elf"
    expect "a new flag's image" "$(tenon FLAGS=-DUNUSED >/dev/null && hv_run build/images/my-program.elf)" "$expected"
    expect "nothing then" "$(planned_outside FLAGS=-DUNUSED)" ""
}
test_case "a program outside of the repository, with spaces in its names, is built with one command" outside

libraries() {
    mkdir -p "my folder/lib"
    cd "my folder"
    mkdir "some files"
    echo 'int from_library(void) { return 42; }' >lib/part.c
    gcc-12 -fPIE -fcf-protection=none -c lib/part.c -o lib/part.o
    ar rcs "lib/lib one.a" lib/part.o
    cp "lib/lib one.a" lib/libone.a
    printf '%s\n' '#include <stdio.h>' 'int from_library(void);' 'int main(void) { printf("%d", from_library()); }' \
        >main.c
    tenon LIBS='lib/lib\ one.a' IMAGE=archive
    expect "with an archive" "$(hv_run build/images/archive.elf)" 42
    touch "lib/lib one.a"
    expect "with another archive" "$(planned_outside LIBS='lib/lib\ one.a' IMAGE=archive)" \
        "LINK build/images/archive.elf"
    tenon LIBS='-Llib -lone' IMAGE=library
    expect "with a library" "$(hv_run build/images/library.elf)" 42
    status_of tenon IMAGE=without
    expect "make's status without it" "$status" 2
    contains "what it says without it" "$output" "undefined reference to \`from_library'"
}
test_case "archives and libraries of one's own are linked" libraries

# One line, that says what to add.
missing_feature() {
    mkdir -p lacking/files
    cd lacking
    cat >main.c <<'EOC'
#include <sys/socket.h>
#include <unistd.h>
int main(void) { return close(socket(AF_INET, SOCK_STREAM, 0)); }
EOC
    status_of make --no-print-directory -f "$root/tenon.mk" IMAGE=sockets
    expect "make's status" "$status" 2
    expect "what it says" "$(grep -v -e '^  ' -e '^make: \*\*\*' <<<"$output")" \
        'error: the program calls socket and needs the feature net: FEATURES="console net"'
    make -f "$root/tenon.mk" IMAGE=sockets FEATURES="console net"
    # A feature that needs another one.
    echo 'int main(void) { return 0; }' >main.c
    status_of make --no-print-directory -f "$root/tenon.mk" IMAGE=clock FEATURES="console sntp"
    expect "make's status for sntp" "$status" 2
    contains "what it says for sntp" "$output" 'error: the program needs the feature net: FEATURES="console sntp net"'
    # The linker reports symbols that no feature has.
    echo 'int nowhere(void); int main(void) { return nowhere(); }' >main.c
    status_of make --no-print-directory -f "$root/tenon.mk" IMAGE=nowhere
    expect "make's status for no feature's" "$status" 2
    contains "what it says" "$output" "undefined reference to \`nowhere'"
    not grep -q 'FEATURES' <<<"$output"
}
test_case "sockets without the feature net: one line says what to add" missing_feature

# build_refused MESSAGE ARGUMENTS...
build_refused() {
    status_of make --no-print-directory -f "$root/tenon.mk" "${@:2}"
    expect "make's status for ${*:2}" "$status" 2
    contains "what it says for ${*:2}" "$output" "$1"
    expect "how much it says for ${*:2}" "$(wc -l <<<"$output")" 1
}
wrong_values() {
    mkdir "no sources"
    cd "no sources"
    build_refused "there is no source (.c, .cpp, .cc, .cxx or .S) in $PWD" IMAGE=x
    touch main.c
    build_refused "'main file.txt' is no source: it ends in none of" SOURCES='main.c main\ file.txt' IMAGE=x
    build_refused "there is no feature 'consol', only console" FEATURES="net consol" IMAGE=x
    build_refused "IMAGE is 'a b', expected a name without spaces" IMAGE="a b"
    build_refused "FILES: there is no folder 'no where'" FILES="no where" IMAGE=x
    build_refused "IMAGE is 'it's', expected a name without '" IMAGE="it's"
    local name
    for name in 'a&touch made.c' 'a$b.c' "a'b.c" 'a;b.c' 'a(b).c' 'a#b.c' 'a:b.c' 'a,b.c' 'a=b.c' 'a|b.c' 'a`b.c'; do
        touch "$name"
        build_refused "the name of a source has '${name:1:1}', which make cannot handle" IMAGE=x
        rm "$name"
    done
    [ ! -e made ]
    ln -s "$root" "a link"
    status_of make -f "a link/tenon.mk"
    expect "make's status for a path with a space" "$status" 2
    contains "what it says for a path with a space" "$output" "Tenon is where a path has a space"
}
test_case "values that tenon.mk cannot use are named" wrong_values

install_into() { make --no-print-directory -C "$root" "$@" >install.log; }
installed() {
    local usr=$scratch/installed/usr tenon_mk=$scratch/installed/usr/lib/tenon/tenon.mk
    mkdir -p "$usr/share/man"
    echo "another's" >"$usr/share/man/other"
    install_into install PREFIX="$usr"
    expect "the version" "$("$usr/bin/hv" --version)" "$("$hv" --version)"
    contains "the manual page" "$(head -n 1 "$usr/share/man/man1/hv.1")" ".TH HV 1"
    contains "the completion" "$(bash -c "source '$usr/share/bash-completion/completions/hv'; complete -p hv")" "_hv"
    write_program
    tenon
    not grep -rqF "$root/" build --include='*.d' --include='*.map'
    expect "output" "$("$usr/bin/hv" run --run-dir "$RUN" --accel pv --net user build/images/my-program.elf)" \
        "$expected"
    expect "a second time" "$(planned_outside)" ""
    # Again, as an upgrade: without changes nothing is built.
    install_into install PREFIX="$usr"
    expect "after installing again" "$(planned_outside)" ""
    install_into uninstall PREFIX="$usr"
    expect "what is left" "$(cd "$usr" && find . -mindepth 1 | sort | paste -sd ' ')" \
        "./share ./share/man ./share/man/other"
    status_of make -C "$root" uninstall PREFIX="$usr"
    expect "the status of another time" "$status" 2
    contains "what it says another time" "$output" "make uninstall: nothing of Tenon is in '$usr'"
}
test_case "installed, hv runs a program that was built without the source tree; uninstalled, nothing is left" installed

installed_for_a_package() {
    install_into install DESTDIR="$scratch/package" PREFIX=/usr
    expect "what is installed" "$(ls "$scratch/package/usr")" "$(printf '%s\n' bin lib libexec share)"
    expect "what names the place" "$(grep -rlF "$scratch" "$scratch/package" || true)" ""
    install_into uninstall DESTDIR="$scratch/package" PREFIX=/usr
    expect "what is left" "$(find "$scratch/package")" "$scratch/package"
    status_of make -C "$root" install PREFIX=here
    expect "the status of a relative path" "$status" 2
    contains "what it says for it" "$output" "PREFIX is 'here' and DESTDIR is '', expected an absolute path"
    local name
    for name in 'a place' 'a&b' 'a|b' 'a%b'; do
        status_of "$root/setup/install.sh" install "$scratch/$name"
        expect "the status of '$name'" "$status" 1
        contains "what it says for it" "$output" "PREFIX is '$scratch/$name', expected a path without spaces"
        [ ! -e "$scratch/$name" ]
    done
}
test_case "what is installed below DESTDIR knows nothing of it" installed_for_a_package
