#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots the httpd image on hv with user-mode networking. With a terminal: serves until Ctrl-C. Without: fetches the page
# itself, shows it, and shuts down.
set -euo pipefail
cd "$(dirname "$0")/.."
hv=build/hv image=build/images/httpd.elf

# A loopback port that nobody listens on: asked of the kernel, as a fixed one could be taken.
port=${PORT:-$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null || echo 8080)}
url=http://127.0.0.1:$port/
run=("$hv" run "$image" --name "httpd-$$" --net "user,$port:80" --boot-report)

if [ -t 0 ]; then
    echo "Serving on $url until Ctrl-C"
    exec "${run[@]}"
fi

log=$(mktemp)
"${run[@]}" </dev/null 2>"$log" &
machine=$!
trap 'kill -KILL $machine 2>/dev/null || true; rm -f "$log"' EXIT
# The report comes when the program answers: a connection before that would wait for a retransmission.
for _ in $(seq 600); do
    if grep -q '^hv: boot' "$log"; then break; fi
    kill -0 $machine 2>/dev/null || { cat "$log" >&2; wait $machine; exit $?; }
    sleep 0.05
done
cat "$log" >&2
page=$(curl --silent --show-error --fail --max-time 30 "$url")
printf '\n--- GET %s\n%s\n--- GET %sstats\n%s\n\n' "$url" "$page" "$url" "$(curl --silent --show-error --fail --max-time 5 "${url}stats")"
kill -INT $machine
status=0
wait $machine || status=$?
echo "The guest was shut down in order; hv's exit code is $status."
exit $status
