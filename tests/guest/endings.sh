#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ends of programs, which only hv can see. The last line is the sum.
source "$(dirname "$0")/../lib.sh"
image=$images/guest-tests.elf
memory=${MEMORY:-64M}

# ending STATUS PART... -- ARGUMENT...: what the machine prints contains each PART.
ending() {
    local status=0 expected=$1 parts=() output
    shift
    while [ "$1" != -- ]; do parts+=("$1"); shift; done
    shift
    output=$(timeout 60 "$hv" run "$image" --accel pv --memory "$memory" --net none --name "ending-$$-$RANDOM" \
        "${options[@]}" -- --end "$@" 2>&1) || status=$?
    expect status "$status" "$expected"
    for part in "${parts[@]}"; do contains output "$output" "$part"; done
}
options=()

crashed=107
test_case exit_runs_handlers_and_gives_the_code ending 7 $'[7] [a] exit handler\ndestroyed' -- exit 7 a
test_case returning_from_main_is_an_exit ending 42 $'[42] exit handler\ndestroyed' -- return 42
test_case the_last_thread_ends_the_program ending 0 'exit handler' -- thread
test_case an_exit_without_handlers ending 9 -- _exit 9
test_case arguments_keep_their_spaces_and_quotes \
    ending 0 "[0] [two words] [it's] [] [say \"hi\" \\\\] [back\\slash]" \
    -- return 0 'two words' "it's" '' "say \"hi\" \\\\" "back\\slash"
test_case abort_is_a_crash_with_its_reason ending $crashed 'called abort()' -- abort
test_case an_uncaught_exception_is_named ending $crashed 'std::runtime_error: nobody catches this' 'test::end(' -- throw
text='std::out_of_range: vector::_M_range_check: __n (which is 7) >= this->size() (which is 3)'
frames=('look_into(std::vector<int' 'outer_look(int)')
test_case an_uncaught_exception_of_the_library_shows_where_it_came_from \
    ending $crashed "$text" "${frames[@]}" tenon_run_program -- throw-in-library
test_case an_exception_out_of_a_noexcept_function_does_too \
    ending $crashed "$text" "${frames[@]}" 'look_without_exceptions(int)' -- throw-out-of-noexcept
test_case an_exception_out_of_a_thread_does_too ending $crashed "$text" "${frames[@]}" -- throw-in-thread
test_case an_exception_that_was_caught_shows_where_it_was_thrown_again \
    ending $crashed "$text" 'rethrow(int)' -- throw-again
test_case any_type_can_be_thrown ending $crashed 'uncaught exception of type int' 'test::end(' -- throw-number
test_case terminate_without_an_exception ending $crashed 'called without an exception' 'test::end(' -- terminate
test_case a_double_free_is_named ending $crashed 'is freed twice' -- double-free
test_case a_wild_free_is_named ending $crashed 'is not allocated' -- wild-free
test_case a_spin_lock_that_is_taken_twice_is_named ending $crashed "the lock 'of the test' is taken twice" -- lock-twice
options=(--kernel-options 'env=NAME=value verbose')
test_case the_environment_comes_from_the_kernel_options ending 0 '[NAME=value]' -- environment

# docs/posix.md lists every function that only fails among the absent ones.
documented() {
    local name missing=
    for name in $(nm "$root"/build/guest/libtenon-userland.a 2>/dev/null |
        awk '/^(absent|read_only)_calls\.cpp\.o:/ {on = 1; next} /:$/ {on = 0}
            on && $2 == "T" {sub(/^__wrap_/, "", $3); print $3}'); do
        grep -qw -- "${name#_}" "$root/docs/posix.md" || missing+=" $name"
    done
    expect "not in docs/posix.md" "$missing" ""
}
test_case what_is_not_there_is_documented documented

finish
