# SPDX-License-Identifier: Apache-2.0
# Switches between two threads of one vCPU; the peer is Linux on one processor.
read -r own_yield own_wake <<<"$("$hv" run --accel pv "$images/switches.elf" </dev/null)"
read -r peer_yield peer_wake <<<"$(taskset -c 0 build/tests/bench/switches/main)"
row "switch between two threads that give their turn away (sched_yield)" "$own_yield" ns 150
row "  beside it: Linux" "$peer_yield" ns
row "switch between two threads that wake each other (semaphores)" "$own_wake" ns 150
row "  beside it: Linux" "$peer_wake" ns
