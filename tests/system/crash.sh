# SPDX-License-Identifier: Apache-2.0
# Guests that end badly: a reason, registers, a backtrace with names, and a code of its own.

crashes() {
    local part=$1
    shift
    status_of hv_run "$behave" -- "$@"
    expect "exit code" "$status" 107
    contains "report" "$output" "$part"
}
test_case "abort() is reported" crashes "abort()" abort
test_case "an uncaught exception is reported with its message" crashes "nobody catches this" throw
test_case "a stray pointer is reported with its address" crashes "address 0x1234" fault
test_case "a stack overflow is reported as one" crashes "stack overflow in thread 'main'" overflow
test_case "the backtrace names functions" crashes "main_thread" abort
test_case "registers are shown" crashes "rip 0000010000" fault
test_case "crashes leave nothing behind" nothing_left
