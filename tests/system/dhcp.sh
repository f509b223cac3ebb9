# SPDX-License-Identifier: Apache-2.0
# Leases of DHCP: renewed, rebound, and given up. The server answers what a case names.

# dhcp_machine NAME LEASE ANSWERED...: httpd on a TAP, with an address from a server that writes to dhcp.messages.
dhcp_machine() {
    with_tap
    rm -f dhcp.messages
    ip netns exec "$namespace" "$root/build/tests/dhcp_server" tap0 10.0.0.1 "${@:2}" >dhcp.messages 2>&1 &
    local server=$!
    at_end kill "$server"
    poll 10 grep -q ready dhcp.messages
    ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --name "$1" --boot-report --net tap=tap0 \
        "$images/httpd.elf" >"$1.out" 2>"$1.err" </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' "$1.err"
}
# came COUNT MESSAGE. messages: all of them, in a line.
came() { [ "$(grep -cx "$2" dhcp.messages)" -ge "$1" ]; }
all_messages() { grep -vx ready dhcp.messages | paste -sd ' '; }
page_comes() { in_namespace curl --silent --fail --max-time 5 --output /dev/null http://10.0.0.2/; }

short_lease() {
    dhcp_machine renewed 8 discover request renew
    page_comes
    poll 60 came 3 renew
    page_comes
    expect "messages" "$(all_messages)" "discover request renew renew renew"
    stop "$machine"
}
root_case "a network namespace" "a lease of seconds is renewed after half of it, and kept" short_lease

rebinding() {
    dhcp_machine rebound 12 discover request rebind
    poll 60 came 1 rebind
    page_comes
    # The answer counts from its time on.
    poll 60 came 2 renew
    page_comes
    expect "messages" "$(all_messages)" "discover request renew rebind renew"
    stop "$machine"
}
root_case "a network namespace" "where the server does not renew a lease, all are asked before it ends" rebinding

expiry() {
    dhcp_machine expired 4 discover=1 request=1
    page_comes
    poll 60 came 2 discover
    expect "messages" "$(all_messages | sed 's/ release//; s/\(discover.*discover\).*/\1/')" \
        "discover request renew rebind discover"
    status_of page_comes
    [ "$status" != 0 ]
    stop "$machine"
}
root_case "a network namespace" "an address is given up when its lease ends" expiry
