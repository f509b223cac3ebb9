#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots the httpd image on hv with user-mode networking. With a terminal: serves until Ctrl-C. Without: fetches the page
# itself, shows it, and shuts down.
set -euo pipefail
cd "$(dirname "$0")/.."
hv=build/hv image=build/images/httpd.elf

# Port 0: any that is free; hv says which.
run=("$hv" run "$image" --name "httpd-$$" --net "user,${PORT:-0}:80" --boot-report)

if [ -t 0 ]; then
    echo "Serving until Ctrl-C, on:"
    exec "${run[@]}"
fi

log=$(mktemp)
"${run[@]}" </dev/null 2>"$log" &
machine=$!
trap 'kill -KILL $machine 2>/dev/null || true; rm -f "$log"' EXIT
# The report comes when the program answers: a connection before that would wait for a retransmission.
for _ in $(seq 600); do
    if grep -q '^hv: http' "$log"; then break; fi
    kill -0 $machine 2>/dev/null || { cat "$log" >&2; wait $machine; exit $?; }
    sleep 0.05
done
cat "$log" >&2
url=$(sed -n 's#^hv: \(http://[^ ]*\) .*#\1#p' "$log")
page=$(curl --silent --show-error --fail --max-time 30 "$url")
printf '\n--- GET %s\n%s\n--- GET %sstats\n%s\n\n' "$url" "$page" "$url" \
    "$(curl --silent --show-error --fail --max-time 5 "${url}stats")"
kill -INT $machine
status=0
wait $machine || status=$?
echo "The guest was shut down in order; hv's exit code is $status."
exit $status
