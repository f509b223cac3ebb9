# SPDX-License-Identifier: Apache-2.0
# httpd with a port that it refuses ends as soon as it has reached main(). From the guest's entry to its main(), by the
# guest's boot marks.

# guest_kernel_us RUNS OPTIONS...: median of the boot report's share of the guest kernel.
guest_kernel_us() {
    local runs=$1 run
    shift
    for run in $(seq "$runs"); do
        "$hv" run --accel pv --boot-report "$@" 2>&1 | sed -n 's/.*guest kernel \([0-9.]*\).*/\1/p'
    done | median | awk '{ printf "%.0f", $1 * 1000 }'
}

row "guest entry to main() on pv, no network" "$(guest_kernel_us 100 "$images/hello.elf")" us 100
new_namespace "tenon-boot-$$"
ip -n "tenon-boot-$$" tuntap add name tap0 mode tap vnet_hdr
ip -n "tenon-boot-$$" addr add 10.0.0.1/24 dev tap0
ip -n "tenon-boot-$$" link set tap0 up
row "guest entry to main() on pv, with network" \
    "$(hv="ip netns exec tenon-boot-$$ $hv"; for run in $(seq 100); do
        $hv run --accel pv --boot-report --net tap=tap0 --ip 10.0.0.2/24,10.0.0.1 "$images/httpd.elf" -- 0 \
            2>&1 </dev/null |
            sed -n 's/.*guest kernel \([0-9.]*\).*/\1/p'
    done | median | awk '{ printf "%.0f", $1 * 1000 }')" us 300
