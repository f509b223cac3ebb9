# SPDX-License-Identifier: Apache-2.0
# The build: nothing is done twice, and programs outside of the repository can be built.

idle_build() {
    # -q: succeeds only if nothing has to be made.
    make -q -C "$root" hv images
}
test_case "a second make has nothing to do" idle_build

outside() {
    mkdir -p outside && cd outside
    cat >main.cpp <<'EOF'
#include <cstdio>
#include <fstream>
#include <string>
int main() {
    std::ifstream file("/greeting");
    std::string line;
    std::getline(file, line);
    std::printf("%s from outside\n", line.c_str());
}
EOF
    mkdir files && echo Greetings >files/greeting
    make -f "$root/tenon.mk" IMAGE=mine FILES=files FEATURES=console
    expect "output" "$(hv_run build/images/mine.elf)" "Greetings from outside"
    contains "notice" "$(<build/images/mine.NOTICE)" "Newlib"
}
test_case "a program outside of the repository is built with one command" outside

wx() {
    local segment
    while read -r segment; do
        [[ $segment != *RWE* ]] || { echo "a segment is writable and executable: $segment"; return 1; }
    done < <(readelf -lW "$images/httpd.elf" | grep LOAD)
}
test_case "no segment of an image is writable and executable" wx
