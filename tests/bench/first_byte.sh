# SPDX-License-Identifier: Apache-2.0
# From exec of hv to the first byte of an HTTP answer, static address, TAP.
new_namespace "tenon-first-$$"
ip -n "tenon-first-$$" tuntap add name tap0 mode tap vnet_hdr
ip -n "tenon-first-$$" addr add 10.0.0.1/24 dev tap0
ip -n "tenon-first-$$" link set tap0 up
row "hv run images/httpd to first HTTP byte" \
    "$(ip netns exec "tenon-first-$$" build/tests/bench/first_byte 50 10.0.0.2 80 \
        "$hv" run --accel pv --net tap=tap0 --ip 10.0.0.2/24,10.0.0.1 "$images/httpd.elf" | median)" ms 8
