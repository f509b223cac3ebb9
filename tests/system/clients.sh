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

# dns_server OPTIONS...: dnsmasq, which gives the guest addresses and name servers by DHCP and router advertisements.
dns_server() {
    with_tap
    ip -n "$namespace" addr add fd00::1/64 dev tap0 nodad
    ip netns exec "$namespace" dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
        --log-facility="$PWD/dnsmasq" --interface=tap0 --except-interface=lo --bind-dynamic \
        --dhcp-leasefile="$PWD/leases" --dhcp-authoritative --dhcp-range=10.0.0.50,10.0.0.60,255.255.255.0,2m \
        --enable-ra --dhcp-range=fd00::,ra-stateless --no-resolv --no-hosts --local=/test/ --domain-needed "$@" &
    at_end kill $!
}
# finds LINES NAME...: what the guest finds. guest_options: of hv.
finds() {
    in_namespace timeout 60 "$hv" run --run-dir "$RUN" --accel pv --name names --net tap=tap0 "${guest_options[@]}" \
        "$images/names.elf" -- "${@:2}" >names.out 2>names.err
    cat names.out dnsmasq
    expect "what the guest finds" "$(<names.out)" "$1"
}
guest_options=()

name_server() {
    seq -f '10.1.0.%g many.test' 150 >hosts
    dns_server --addn-hosts="$PWD/hosts" --domain=test --edns-packet-max=512 \
        --host-record=host.test,10.9.9.9,fd00:9::9 --cname=alias.test,host.test
    # A name, another name of it, more addresses than a datagram of 512 bytes has room for (the guest takes 32), what is
    # not there, and what this server cannot know.
    finds "host.test: 10.9.9.9 fd00:9::9
alias.test: 10.9.9.9 fd00:9::9
many.test: 32 addresses
none.test: EAI_NONAME
elsewhere.example: EAI_AGAIN" host.test alias.test many.test none.test elsewhere.example
}

# A short name is looked for in the domain of the lease, one that ends with a dot is not.
domain_name() {
    dns_server --domain=test --host-record=host.test,10.9.9.9
    finds "host: 10.9.9.9
none: EAI_NONAME
host.: EAI_NONAME" host none host.
}

# The list comes in place of the domain; its names share their ends (compression).
search_list() {
    dns_server --domain=lease.test --dhcp-option=option:domain-search,first.search.test,second.search.test \
        --host-record=one.first.search.test,10.9.9.1 --host-record=two.second.search.test,10.9.9.2 \
        --host-record=both.first.search.test,10.9.9.3 --host-record=both.second.search.test,10.9.9.4 \
        --host-record=other.lease.test,10.9.9.5
    finds "one: 10.9.9.1
two: 10.9.9.2
both: 10.9.9.3
other: EAI_NONAME" one two both other
}

advertised_list() {
    guest_options=(--kernel-options "ip=off")
    dns_server --dhcp-option=option6:domain-search,routers.test --host-record=six.routers.test,fd00:9::6
    finds "six: fd00:9::6
none: EAI_NONAME" --until six six none
}

dnsmasq_case() {
    if command -v dnsmasq >/dev/null; then
        root_case "a network namespace" "$@"
    else
        skip_case "$1" "there is no dnsmasq (apt-get install dnsmasq-base)"
    fi
}
dnsmasq_case "dnsmasq's leases, and its answers of every kind" name_server
dnsmasq_case "a short name is found in the domain of the lease" domain_name
dnsmasq_case "a short name is found through the search list of DHCP" search_list
dnsmasq_case "a short name is found through the search list of router advertisements" advertised_list
