# SPDX-License-Identifier: Apache-2.0
# Programs that everybody has, on the other side of the guest: nc, dnsmasq. (curl, wrk and socat are in other subjects.)

# talks OPTIONS... ADDRESS PORT: nc gets back what it sends.
talks() {
    expect "what comes back from nc $*" "$(printf 'to and fro' | in_namespace timeout 10 nc "$@")" "to and fro"
}
netcat() {
    with_tap
    ip -n "$namespace" addr add fd00::1/64 dev tap0 nodad
    tap_machine echoing --kernel-options ip6=fd00::2/64 "$images/flood.elf"
    local address
    for address in 10.0.0.2 fd00::2; do
        talks -N "$address" 80
        talks -u -W 1 "$address" 83
        in_namespace timeout 10 nc -z "$address" 80
        not in_namespace timeout 10 nc -z "$address" 9
    done
    stop "$machine"
}
root_case "a network namespace" "nc talks to a guest by TCP and UDP over both families, and hears refusals" netcat

# dnsmasq gives the guest its addresses and name servers by DHCP and router advertisements.
name_server() {
    with_tap
    ip -n "$namespace" addr add fd00::1/64 dev tap0 nodad
    seq -f '10.1.0.%g many.test' 150 >hosts
    ip netns exec "$namespace" dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
        --log-facility="$PWD/dnsmasq" --interface=tap0 --except-interface=lo --bind-interfaces \
        --dhcp-leasefile="$PWD/leases" --dhcp-authoritative --dhcp-range=10.0.0.50,10.0.0.60,255.255.255.0,2m \
        --enable-ra --dhcp-range=fd00::,ra-stateless \
        --no-resolv --no-hosts --addn-hosts="$PWD/hosts" --domain=test --local=/test/ --edns-packet-max=512 \
        --host-record=host.test,10.9.9.9,fd00:9::9 --cname=alias.test,host.test &
    # A name, another name of it, more addresses than a datagram of 512 bytes has room for (the guest takes 32), what is
    # not there, and what this server cannot know.
    in_namespace timeout 60 "$hv" run --run-dir "$RUN" --accel pv --name names --net tap=tap0 "$images/names.elf" -- \
        host.test alias.test many.test none.test elsewhere.example >names.out 2>names.err
    cat names.out dnsmasq
    expect "what the guest finds" "$(<names.out)" "host.test: 10.9.9.9 fd00:9::9
alias.test: 10.9.9.9 fd00:9::9
many.test: 32 addresses
none.test: EAI_NONAME
elsewhere.example: EAI_AGAIN"
}
if command -v dnsmasq >/dev/null; then
    root_case "a network namespace" "dnsmasq's leases, and its answers of every kind" name_server
else
    skip_case "dnsmasq's leases, and its answers of every kind" "there is no dnsmasq (apt-get install dnsmasq-base)"
fi
