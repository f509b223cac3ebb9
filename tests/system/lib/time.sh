# SPDX-License-Identifier: Apache-2.0
# Time that must pass while a machine runs or is paused: the host's, and the machine's in `hv stat`.

now_ms() { date +%s%3N; }
passed_ms() { [ $(($(now_ms) - $1)) -ge "$2" ]; }

# counter NAME JQ: of `hv stat`.
counter() { "$hv" stat --run-dir "$RUN" --json "$1" | jq "$2"; }
# uses_cpu NAME NS: the guest has used as much. uptime_is NAME NS: the machine is as old.
uses_cpu() { [ "$(counter "$1" .machine.guest_cpu_ns)" -ge "$2" ]; }
uptime_is() { [ "$(counter "$1" .machine.uptime_ns)" -ge "$2" ]; }
