# SPDX-License-Identifier: Apache-2.0
# Checks of the scripts.

# overlooked FILE...: each place at which `set -e` overlooks a failure, as FILE:LINE.
overlooked() {
    local script
    for script in "$@"; do
        shfmt --to-json --filename "$script" <"$script"
    done | jq -r -f "$root/tests/lint/ignored_failures.jq"
}
every_failure_counts() {
    cat >sample.sh <<'EOF'
f() {
    ! a
    if x; then ! b; fi
    for i in; do c && d; done
    case x in y) e && f ;; esac
    while ! a; do b; done
    ! is_the_status
}
g() { is_the_status && so_is_this; }
a && b
a || ! b
{ a && b; }
x=$(a && b; c)
(a && b)
x=$(a && b)
[ a ] && [ b ] || return 1
if a && b; then c; elif d && ! e; then f; fi
EOF
    expect "what is found in a sample" "$(overlooked sample.sh | tr '\n' ' ')" \
        "sample.sh:2 sample.sh:3 sample.sh:4 sample.sh:5 sample.sh:10 sample.sh:11 sample.sh:12 sample.sh:13 "
    cd "$root"
    local found
    found=$(overlooked "${scripts[@]}")
    expect "failures that \`set -e\` overlooks (use not, between, if, or a line for each command)" "$found" ""
}
test_case "scripts: no negated command, and no list of commands, hides a failure" every_failure_counts

suspicious() {
    printf '%s\n' 'echo $1' >unquoted.sh
    cp "$root/.shellcheckrc" .
    not shellcheck unquoted.sh
    cd "$root"
    shellcheck "${scripts[@]}"
}
test_case "scripts: shellcheck finds nothing" suspicious

# As wide as .clang-format has it; data and generated text in strings included.
too_wide() { LC_ALL=C.UTF-8 awk -v width=120 'length > width { print FILENAME ":" FNR ": " length " columns" }' "$@"; }
width() {
    printf '%120s\n%121s\n' x x >lines
    expect "what is found in a sample" "$(too_wide lines)" "lines:2: 121 columns"
    cd "$root"
    local found
    mapfile -t files < <(git ls-files Makefile '*.mk' '*.sh' '*.jq' '*.awk' '*.h' '*.cpp' '*.c' '*.S' '*.ld' .ci/run \
        tests/nested/init)
    found=$(too_wide "${files[@]}")
    expect "lines of more than 120 columns" "$found" ""
}
test_case "scripts and sources: no line is wider than 120 columns" width
