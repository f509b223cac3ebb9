# SPDX-License-Identifier: Apache-2.0
# The build: nothing is done twice, and programs outside of the repository can be built.

idle_build() {
    # -q: succeeds only if nothing has to be made.
    make -q -C "$root" hv images
}
test_case "a second make has nothing to do" idle_build

# planned VARIABLES AND TARGETS...: what make would do, a line for each: "LINK build/images/idle.elf".
planned() { make -n -C "$root" "$@" | sed -n "s/^printf '.*' '\([A-Z]*\)' '\(.*\)';.*/\1 \2/p"; }

lists() {
    expect "with other features" "$(planned images idle_features='console rng')" "LINK build/images/idle.elf"
    expect "with fewer" "$(planned images idle_features=)" "LINK build/images/idle.elf"
    expect "with those that it has" "$(planned images idle_features="$(sed -n 's/^idle_features := //p' "$root/images/idle/image.mk")")" ""
    # A source that is gone leaves no object behind: in the archive, and so in the images.
    local plan
    plan=$(planned hv images feature_rng= | sort | uniq -c | awk '{print $2}' | paste -sd ' ')
    contains "without a driver's source" "$plan" "AR LINK"
    expect "what is compiled for that" "$(planned hv images feature_rng= | grep -c -e ^CXX -e ^CC || true)" 0
    expect "hv without a source" "$(planned hv hv_extra_objects= | cut -d' ' -f1 | sort -u)" LD
}
test_case "another list of features or sources links anew, and compiles nothing" lists

# A header that is included by sources only: which are they, by looking, and which would make compile?
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

outside() {
    mkdir -p outside
    cd outside
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
    mkdir files
    echo Greetings >files/greeting
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
