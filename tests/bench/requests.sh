# SPDX-License-Identifier: Apache-2.0
# Requests per second of server CPU: images/httpd on pv over TAP, and the same source built for Linux over veth.
# The load comes from wrk on a CPU of its own; the server has the other one.

seconds=${seconds:-8}
url=http://10.0.0.2/index.html

# load NAMESPACE PID...: requests per second, and requests per second of the pids' CPU time.
load() {
    local namespace=$1 before=0 after=0 pid rate
    shift
    for pid in "$@"; do before=$((before + $(cpu_ticks "$pid"))); done
    rate=$(ip netns exec "$namespace" taskset -c 1 wrk -t 1 -c 64 -d "${seconds}s" "$url" |
        awk '/Requests\/sec/ { print $2 }')
    for pid in "$@"; do after=$((after + $(cpu_ticks "$pid"))); done
    awk -v rate="$rate" -v ticks=$((after - before)) -v seconds="$seconds" -v hz="$(getconf CLK_TCK)" \
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

make --no-print-directory -s build/httpd-linux
new_namespace "$server"
ip -n "$client" link add veth0 type veth peer name veth0 netns "$server"
ip -n "$client" addr add 10.0.0.1/24 dev veth0
ip -n "$server" addr add 10.0.0.2/24 dev veth0
ip -n "$client" link set veth0 up
ip -n "$server" link set veth0 up
ip netns exec "$server" taskset -c 0 build/httpd-linux 80 images/httpd/files >/dev/null 2>&1 &
native=$!
started+=("$native")
until_true 10 answers "$client"
read -r native_rate native_per_cpu < <(load "$client" "$native")
kill -KILL "$native"
wait "$native" 2>/dev/null || true

row "httpd on pv over TAP, wrk with 64 connections" "$guest_rate" req/s
row "  the same source on Linux over veth" "$native_rate" req/s
row "httpd on pv, per second of server CPU" "$guest_per_cpu" req/s
row "  on Linux, per second of server CPU" "$native_per_cpu" req/s
row "  ratio per second of server CPU" \
    "$(awk -v a="$guest_per_cpu" -v b="$native_per_cpu" 'BEGIN { printf "%.2f", a / b }')" "" 0.7 more
