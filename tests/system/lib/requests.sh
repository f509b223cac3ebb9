# SPDX-License-Identifier: Apache-2.0
# Requests to a machine's control socket and to its guest's agent.

# get NAME PATH: the answer's body. code_of NAME PATH OPTIONS...: the answer's status, with curl's options. patch, put:
# the same.
get() { curl --silent --show-error --max-time 10 --unix-socket "$RUN/$1/api.sock" "http://localhost$2"; }
code_of() {
    curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' --unix-socket "$RUN/$1/api.sock" \
        "${@:3}" \
        "http://localhost$2"
}
patch() { code_of "$1" "$2" --request PATCH --data "$3"; }
put() { code_of "$1" "$2" --request PUT --data "$3"; }

agent() { "$hv" agent --run-dir "$RUN" "$@"; }
# start_agent NAME ARGUMENTS...: a machine whose agent has opened its port.
start_agent() {
    start "$@"
    poll 20 test -S "$RUN/$1/agent.sock"
}
