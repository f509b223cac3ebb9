# SPDX-License-Identifier: Apache-2.0
# The helpers of tests/lib.sh themselves: each succeeds where it should, and each can fail a case.

# fails MESSAGE COMMAND...: a case that consists of COMMAND fails, and its log has MESSAGE.
fails() {
    local message=$1 output
    shift
    output=$(sum_of_case "$@")
    contains "a case of $*" "$output" "not ok"
    contains "a case of $*" "$output" "$message"
    contains "a case of $*" "$output" "0 passed, 1 failed, 0 skipped"
}
# passes COMMAND...: a case that consists of COMMAND passes.
passes() { contains "a case of $*" "$(sum_of_case "$@")" "1 passed, 0 failed, 0 skipped"; }
# sum_of_case COMMAND...: what a tier prints whose only case is COMMAND.
sum_of_case() {
    passed=0 failed=0 skipped=0
    trap - ERR
    test_case inner "$@"
    finish || true
}

not_can_fail() {
    passes not false
    passes not grep -q absent <<<present
    fails "holds, but must not: true" not true
    fails "holds, but must not: grep -q present" not grep -q present <<<present
    fails "exit status 2, which is no answer" not grep -q absent /nowhere
    fails "exit status 127, which is no answer" not no_such_command
    fails "exit status 137, which is no answer" not sh -c 'kill -KILL $$'
}
test_case "not: fails where the command succeeds, and where it gives no answer" not_can_fail

between_can_fail() {
    local number
    for number in 3 4 5; do passes between it "$number" 3 5; done
    passes between it -2 -3 -1
    passes between it 1700000000000000000 1699999999999999999 1700000000000000001
    fails "it: 2, expected 3 to 5" between it 2 3 5
    fails "it: 6, expected 3 to 5" between it 6 3 5
    fails "it: '' is not an integer" between it "" 3 5
    fails "it: 'null' is not an integer" between it null 3 5
    fails "it: '4.0' is not an integer" between it 4.0 3 5
    fails "'many' is not an integer" between it 4 3 many
}
test_case "between: fails outside of its bounds, and for what is no number" between_can_fail

expect_and_contains_can_fail() {
    passes expect it a a
    fails "it: 'a', expected 'b'" expect it a b
    fails "it: '', expected 'b'" expect it "" b
    passes contains it abc b
    fails 'it: does not contain "d"' contains it abc d
}
test_case "expect and contains: fail where the texts differ" expect_and_contains_can_fail

poll_can_fail() {
    passes poll 0 true
    fails "not within the deadline: false" poll 0 false
}
test_case "poll: fails at its deadline" poll_can_fail

failure_in_the_middle() {
    false
    true
}
test_in_the_middle() {
    [ "$RANDOM" -lt 0 ]
    true
}
in_a_substitution() {
    local text
    text=$(false)
    echo "$text"
}
in_a_pipe() { false | true; }
last_of_a_substitution() { false; echo "$1"; }
in_a_function_in_a_substitution() {
    local text
    text=$(last_of_a_substitution text)
    echo "$text"
}
unset_variable() { echo "$no_such_variable" && true; }
in_an_argument() { expect "what is printed" "$(false)" ""; }
expected_failures() {
    local status=0
    status=$(false) || status=$?
    expect "status" "$status" 1
    if [ -n "$(false)" ]; then return 1; fi
    sh -c 'exit 3' &
    wait $! || status=$?
    expect "status" "$status" 3
}
cases_can_fail() {
    fails "helpers.sh:" failure_in_the_middle
    fails 'failed: [ "$RANDOM" -lt 0 ]' test_in_the_middle
    fails 'failed: text=$(false)' in_a_substitution
    fails "helpers.sh:" in_a_pipe
    fails 'failed: text=$(last' in_a_function_in_a_substitution
    fails "failed: false" in_an_argument
    passes expected_failures
    fails "no_such_variable: unbound variable" unset_variable
}
test_case "a case fails at its first command that fails, and names it" cases_can_fail

ends_what_it_started() {
    sleep 60 &
    echo $! >process
    at_end touch ended
}
cases_end_what_they_start() {
    passes ends_what_it_started
    poll 5 eval '! kill -0 "$(<"$scratch/process")" 2>/dev/null'
    [ -e "$scratch/ended" ]
}
test_case "a case that has ended has ended what it started, and run what it registered" cases_end_what_they_start
