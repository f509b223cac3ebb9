# SPDX-License-Identifier: Apache-2.0
# The compiler for programs with a build system of their own, and the build systems.
projects=$root/tests/programs/projects
# hv's own folder is not in it: the tools know where hv is.
export PATH=$root/build/bin:$PATH

tools_are_built() { make --no-print-directory -C "$root" toolchain; }
test_case "the compiler and its tools are built" tools_are_built

compiler() {
    cat >main.c <<'EOC'
#include <math.h>
#include <stdio.h>
#if !defined __unix__ || !defined unix || !defined __tenon__ || defined __linux__
#error another system
#endif
int main(int count, char** words) { printf("%s of %d: %.3f\n", words[1], count, sqrt(count)); }
EOC
    x86_64-tenon-gcc -O2 -Wall -Werror main.c -o one -pthread -lm -ldl -lrt -lpthread
    expect "in one step" "$(x86_64-tenon-run one "two words")" "two words of 2: 1.414"
    x86_64-tenon-gcc -O2 -c main.c
    x86_64-tenon-gcc -static main.o -o two -s -lm
    expect "in two" "$(x86_64-tenon-run two x y)" "x of 3: 1.732"
    x86_64-tenon-ar rcs libmain.a main.o
    x86_64-tenon-gcc -o three -Wl,-u,main -L. -lmain
    expect "from a library" "$(x86_64-tenon-run three x)" "x of 2: 1.414"
    # A program as image has its output's name.
    printf '%s\n' '#include <cstdio>' '#include <thread>' \
        'int main(int, char** words) { std::thread([&] { std::puts(words[0]); }).join(); }' >name.cc
    x86_64-tenon-g++ -std=c++20 -pthread name.cc -o named.elf
    expect "the program's name" "$(x86_64-tenon-run named.elf)" named
    expect "from standard input" "$(echo 'int answer = 42;' | x86_64-tenon-gcc -x c -S - -o - | grep -c '\.long	42')" 1
    echo 'int main(void) { return 7; }' | x86_64-tenon-gcc -x c - -o seven
    status_of x86_64-tenon-run seven
    expect "the status of a program" "$status" 7
}
test_case "the compiler compiles, and links images that boot" compiler

asks() {
    contains "its version" "$(x86_64-tenon-gcc --version)" "gcc"
    contains "of C++" "$(x86_64-tenon-g++ -v 2>&1)" "gcc version"
    expect "its machine" "$(x86_64-tenon-gcc -dumpmachine)" x86_64-tenon-elf
    expect "a library's place" "$(realpath "$(x86_64-tenon-gcc -print-file-name=libm.a)")" \
        "$(realpath "$root/build/sysroot/lib/libm.a")"
    echo '#include <stdio.h>' >text.c
    contains "what it includes" "$(x86_64-tenon-gcc -M text.c)" "userland/libc/include/stdio.h"
    not grep -q '/usr/include' <<<"$(x86_64-tenon-gcc -M text.c)"
    contains "what it defines" "$(x86_64-tenon-gcc -E -dM text.c)" "#define __tenon__ 1"
    not test -e a.out
}
test_case "the compiler answers about itself, and links nothing for that" asks

# says PART COMMAND...: fails, with PART.
says() {
    status_of "${@:2}"
    expect "the status of '${*:2}' (which said: $output)" "$status" 1
    contains "what '${*:2}' says" "$output" "$1"
}
refusals() {
    echo 'int main(void) { return 0; }' >main.c
    says "x86_64-tenon-gcc: error: -shared: an image is one static program" x86_64-tenon-gcc -shared main.c
    says "there is no option -ftenon-feature=net, only" x86_64-tenon-gcc -ftenon-feature=net main.c
    says "there is no feature 'nets', only console" x86_64-tenon-gcc -ftenon-features=console,nets main.c
    says "-ftenon-files: there is no folder 'nowhere'" x86_64-tenon-gcc -ftenon-files=nowhere main.c
    says "<stdin>:1:1: error: unknown type name 'wrong'" x86_64-tenon-gcc -x c - <<<"wrong name;"
    printf '%s\n' '#include <sys/socket.h>' 'int main(void) { return socket(AF_INET, SOCK_STREAM, 0) != 3; }' >socket.c
    says 'needs the feature net: -ftenon-features="console net"' x86_64-tenon-gcc socket.c
    TENON_FEATURES="console net" x86_64-tenon-gcc socket.c
    x86_64-tenon-gcc -ftenon-features=console,net socket.c
    not test -e nowhere
}
test_case "what it cannot do it refuses in words, and names a feature that is missing" refusals

absent() {
    cat >main.c <<'EOC'
#include <errno.h>
#include <unistd.h>
int main(void) { return fork() == -1 && errno == ENOSYS ? 3 : 0; }
EOC
    says "error: there is no fork; with -ftenon-stubs it links, and fails when it is called" \
        x86_64-tenon-gcc main.c -o main
    not test -e main
    x86_64-tenon-gcc -ftenon-stubs main.c -o main
    status_of x86_64-tenon-run main
    expect "what fork() gives" "$status" 3
    # A program's own function of the name takes its place, though others of the stubs are used.
    echo 'int execv(const char*, char* const*); int fork(void) { return 5; }
        int main(void) { return execv("", 0) == -1 ? fork() : 0; }' | x86_64-tenon-gcc -x c - -ftenon-stubs -o own_fork
    status_of x86_64-tenon-run own_fork
    expect "an own fork()" "$status" 5
}
test_case "absent functions link only where -ftenon-stubs asks for them" absent

beside() {
    mkdir files
    echo "a line" >files/text
    printf '%s\n' '#include <stdio.h>' \
        'int main(void) { char t[9]; fputs(fgets(t, sizeof t, fopen("/text", "r")), stdout); }' >main.c
    x86_64-tenon-gcc -ftenon-files=files -ftenon-notice=NOTICE -ftenon-run main.c -o reader
    expect "of the file" "$(./reader)" "a line"
    contains "the licences" "$(<NOTICE)" "Newlib"
}
test_case "an image has files, a notice of its licences, and a script that boots it, if asked for" beside

project() { cp "$projects/greeter.cpp" "$projects/words.c" "$projects/$1"/* .; }
by_autoconf() {
    project autoconf
    autoheader
    autoconf
    x86_64-tenon-configure >configured
    make
    expect output "$(x86_64-tenon-run greeter "a user")" "Hello a user"
    contains "what it found" "$(<config.h)" "#define HAVE_NANOSLEEP 1"
    contains "what it did not find" "$(<config.h)" "/* #undef HAVE_FORK */"
    contains "sockets without net" "$(<config.h)" "/* #undef HAVE_SOCKET */"
    TENON_FEATURES="console net" x86_64-tenon-configure >configured
    contains "sockets with net" "$(<config.h)" "#define HAVE_SOCKET 1"
    contains "how it was configured" "$(<configured)" "cross compiling... yes"
}
by_cmake() {
    project cmake
    cmake -S . -B out -DCMAKE_TOOLCHAIN_FILE="$root/build/toolchain/tenon.cmake"
    cmake --build out
    contains "what it found" "$(<out/CMakeCache.txt)" "HAVE_NANOSLEEP:INTERNAL=1"
    contains "what it did not find" "$(<out/CMakeCache.txt)" "HAVE_FORK:INTERNAL="
    not grep -q "HAVE_FORK:INTERNAL=1" out/CMakeCache.txt
    contains "its tests" "$(ctest --test-dir out)" "100% tests passed, 0 tests failed out of 1"
}
by_meson() {
    project meson
    meson setup --cross-file "$root/build/toolchain/tenon.ini" out
    contains "its tests" "$(meson test -C out)" "1/1 greets OK"
}
# with COMMAND NAME FUNCTION: a case that is skipped without the command.
with() { if command -v "$1" >/dev/null; then test_case "$2" "$3"; else skip_case "$2" "there is no $1"; fi; }
with autoconf "a project with Autoconf is configured, and finds what is there" by_autoconf
with cmake "a project with CMake is built, and its tests boot on hv" by_cmake
with meson "a project with Meson is built, and its tests boot on hv" by_meson

packages() {
    mkdir -p own/lib/pkgconfig
    printf '%s\n' "Name: words" "Description: words" "Version: 3" "Libs: -L$PWD/own/lib -lwords" \
        "Libs.private: -lm" >own/lib/pkgconfig/words.pc
    expect "an own library" "$(PKG_CONFIG_PATH=$PWD/own/lib/pkgconfig x86_64-tenon-pkg-config --libs words | xargs)" \
        "-L$PWD/own/lib -lwords -lm"
    # The host has this one.
    pkg-config --exists liburing
    not x86_64-tenon-pkg-config --exists liburing
}
test_case "pkg-config knows libraries of the guest's, and none of the host's" packages

installed_tools() {
    local usr=$scratch/usr
    make --no-print-directory -C "$root" install PREFIX="$usr"
    local places
    places=$(grep -lF "$root/" "$usr"/bin/x86_64-* "$usr"/lib/tenon/toolchain/*.* || true)
    expect "what names the source tree" "$places" ""
    echo 'int main(void) { return 7; }' >main.c
    "$usr/bin/x86_64-tenon-gcc" main.c -o main
    status_of "$usr/bin/x86_64-tenon-run" main
    expect "the status of a program" "$status" 7
    make --no-print-directory -C "$root" uninstall PREFIX="$usr"
    not test -e "$usr"
}
test_case "installed, the tools work without the source tree" installed_tools
