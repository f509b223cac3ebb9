# SPDX-License-Identifier: Apache-2.0
# Packets that no kernel sends, by scapy from a namespace.

# packets GROUP: a machine with both families' addresses, and all cases of the group.
packets() {
    with_tap
    stream_machine odd --kernel-options ip6=fd00::2/64
    HV=$hv MACHINE=odd in_namespace timeout 300 /usr/bin/python3 "$root/tests/packets/main.py" tap0 "$1"
    in_namespace ping -q -c 1 -W 5 10.0.0.2 >/dev/null
    stop "$machine"
}
packet_case() {
    if /usr/bin/python3 -c "import scapy" 2>/dev/null; then
        root_case "a network namespace" "$@"
    else
        skip_case "$1" "there is no python3-scapy (apt-get install python3-scapy)"
    fi
}
tcp_packets() { packets tcp; }
loss_packets() { packets loss; }
ip_packets() { packets ip; }
nd_packets() { packets nd; }
packet_case "TCP segments of every state and flag, overlaps, windows, options" tcp_packets
packet_case "TCP segments that are lost, late or come twice" loss_packets
packet_case "IP headers, extension headers, fragments, errors" ip_packets
packet_case "neighbours, routers, redirects: claims to addresses, sizes, lifetimes" nd_packets
