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
