# SPDX-License-Identifier: Apache-2.0
# Checks of the C and C++ sources.

badly_formatted() { ! clang-format --dry-run -Werror "$@" >/dev/null 2>&1; }
formatted() {
    cp "$root/.clang-format" .
    echo 'int main() { return 0; }' >good.cpp
    echo 'int main ( ) { return 0; }' >bad.cpp
    not badly_formatted good.cpp
    badly_formatted good.cpp bad.cpp
    cd "$root"
    mapfile -t sources < <(git ls-files '*.h' '*.cpp' '*.c')
    clang-format --dry-run -Werror "${sources[@]}" || { echo "\`make format\` mends it" >&2; return 1; }
}
test_case "sources: formatted as .clang-format says" formatted

# clang-tidy finds what one translation unit does wrong; sources whose names clash are checked apart from each other.
tidy_can_fail() {
    mkdir -p hv
    cp "$root/.clang-tidy" hv
    printf '%s\n' 'namespace { int same() { return 1; } }' 'int first() { return same(); }' >hv/first.cpp
    printf '%s\n' 'namespace { int same() { return 2; } }' 'int second() { return same(); }' >hv/second.cpp
    cat >hv/moved.cpp <<'EOF'
#include <string>
#include <utility>
void take(std::string text);
unsigned long size(std::string text) {
    take(std::move(text));
    return text.size();
}
EOF
    expect "what is found in sources whose names clash" \
        "$("$root/tests/lint/tidy.sh" hv/work -std=c++2b -I. -- hv/first.cpp hv/second.cpp)" ""
    local found
    found=$("$root/tests/lint/tidy.sh" hv/work -std=c++2b -I. -- hv/first.cpp hv/moved.cpp \
        hv/second.cpp || echo "status $?")
    contains "what is found in a use after a move" "$found" "bugprone-use-after-move"
    contains "what is found in a use after a move" "$found" "status 1"
}
test_case "sources: clang-tidy finds a fault among sources whose names clash" tidy_can_fail

tidy() { make --no-print-directory -C "$root" -k tidy >log 2>&1 || { grep -v TIDY log; return 1; }; }
test_case "sources: clang-tidy finds nothing" tidy
