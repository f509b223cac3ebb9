# SPDX-License-Identifier: Apache-2.0
# How soon the agent answers, on an idle machine and on one whose program computes without end.

# agent_reply_ms BEHAVIOUR: median and worst of 500 answers.
agent_reply_ms() {
    local run_directory=$scratch/agent-$1
    mkdir -m 0700 "$run_directory"
    "$hv" run -d --accel pv --run-dir "$run_directory" --name asked "$images/behave.elf" -- "$1" >/dev/null
    until_true 10 test -S "$run_directory/asked/agent.sock"
    build/tests/bench/agent_reply "$run_directory/asked/agent.sock" 500
    "$hv" kill --run-dir "$run_directory" asked
}

read -r median_ms worst_ms <<<"$(agent_reply_ms wait)"
row "agent's answer, idle machine" "$median_ms" ms 1
row "  the worst of 500" "$worst_ms" ms
read -r median_ms worst_ms <<<"$(agent_reply_ms spin)"
row "agent's answer while the program computes" "$median_ms" ms
row "  the worst of 500" "$worst_ms" ms 100
