# SPDX-License-Identifier: Apache-2.0
# Requests per second of server CPU: images/httpd on pv over TAP, and the same source built for Linux over veth.
# The load comes from wrk on a CPU of its own; the server has the other one.

seconds=${seconds:-8}
url=http://10.0.0.2/index.html

# load NAMESPACE PID...: requests per second, and requests per second of the pids' CPU time.
load() {
    local namespace=$1 before rate
    shift
    before=$(ticks_of "$@")
    rate=$(ip netns exec "$namespace" taskset -c 1 wrk -t 1 -c 64 -d "${seconds}s" "$url" |
        awk '/Requests\/sec/ { print $2 }')
    awk -v rate="$rate" -v ticks=$(($(ticks_of "$@") - before)) -v seconds="$seconds" -v hz="$(getconf CLK_TCK)" \
        'BEGIN { printf "%.0f %.0f\n", rate, rate * seconds / (ticks / hz) }'
}

answers() { ip netns exec "$1" curl --silent --fail --max-time 1 --output /dev/null "$url"; }

client=tenon-client-$$ server=tenon-server-$$
new_namespace "$client"
ip -n "$client" tuntap add name tap0 mode tap vnet_hdr
ip -n "$client" addr add 10.0.0.1/24 dev tap0
ip -n "$client" link set tap0 up
ip netns exec "$client" taskset -c 0 "$hv" run --accel pv --net tap=tap0 --ip 10.0.0.2/24,10.0.0.1 "$images/httpd.elf" \
    >/dev/null 2>&1 </dev/null &
machine=$!
started+=("$machine")
until_true 10 answers "$client"
mapfile -t pids < <(machine_pids "$machine")
read -r guest_rate guest_per_cpu < <(load "$client" "${pids[@]}")
kill -INT "$machine"
wait "$machine" || true
ip -n "$client" link delete tap0

start_httpd_on_linux "$client" "$server"
until_true 10 answers "$client"
read -r native_rate native_per_cpu < <(load "$client" "$native")
kill -KILL "$native"
wait "$native" 2>/dev/null || true

row "httpd on pv over TAP, wrk with 64 connections" "$guest_rate" req/s
row "  the same source on Linux over veth" "$native_rate" req/s
row "httpd on pv, per second of server CPU" "$guest_per_cpu" req/s
row "  on Linux, per second of server CPU" "$native_per_cpu" req/s
row "  ratio per second of server CPU" \
    "$(ratio "$guest_per_cpu" "$native_per_cpu")" "" 0.7 more
