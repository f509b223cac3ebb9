// SPDX-License-Identifier: Apache-2.0
// Fuzzes the code between a guest's frames and libslirp: checksums, the filter, reassembly, resets. Whatever the guest
// sends, no frame comes out that is addressed to the host, or that the filter itself would refuse.
#include <cstdlib>
#include <vector>

#include "hv/devices/slirp/frame_filter.h"
#include "hv/devices/slirp/host_address.h"
#include "hv/devices/slirp/reassembly.h"
#include "hv/devices/slirp/tcp_segment.h"
#include "hv/devices/slirp/vnet_header.h"
#include "hv/devices/virtio_net_header.h"

namespace {

using namespace hv::slirp;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Where libslirp finds the destination: at its fixed place.
bool reaches_host(Bytes frame) {
    const Bytes packet = frame.subspan(ethernet_size);
    if (get_16(frame, 12) == ethertype_ipv4) return means_host(get_32(packet, 16));
    if (get_16(frame, 12) != ethertype_ipv6) return false;
    Ipv6Address destination;
    for (std::size_t i = 0; i < destination.size(); ++i) destination[i] = static_cast<std::uint8_t>(packet[24 + i]);
    return means_host(destination);
}

void check(Bytes frame, FrameKind kind, ClosingConnections& closing) {
    require(!reaches_host(frame));
    const auto segment = read_tcp(frame, kind);
    if (!segment) return;
    const std::vector<std::byte> reset = make_reset(frame, kind, *segment, 7);
    require(admit(reset) == kind);
    require(read_tcp(reset, kind)->flags == tcp_rst);
    closing.sent_to_guest(frame);
    closing.taken_from_guest(frame, kind, *segment, 0);
    const std::vector<std::byte> last = closing.forget_one(ClosingConnections::least_ms);
    require(last.empty() || admit(last));
}

}  // namespace

/// Frames with two bytes of length in front of each, which begin with a virtio-net header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::byte> input(size);
    for (std::size_t i = 0; i < size; ++i) input[i] = static_cast<std::byte>(data[i]);
    Reassembly reassembly;
    ClosingConnections closing;
    std::uint64_t now_ms = 0;
    for (std::size_t at = 0; at + 2 <= input.size();) {
        const std::size_t length = std::min<std::size_t>(get_16(input, at), input.size() - at - 2);
        std::vector<std::byte> frame(input.begin() + static_cast<std::ptrdiff_t>(at + 2),
                                     input.begin() + static_cast<std::ptrdiff_t>(at + 2 + length));
        at += 2 + length;
        if (!complete_checksum(frame)) continue;
        const Bytes packet = Bytes(frame).subspan(sizeof(virtio_net_hdr_v1));
        const auto kind = admit(packet);
        if (!kind) continue;
        check(packet, *kind, closing);
        if (*kind != FrameKind::ipv4_fragment) continue;
        const std::vector<std::byte> whole = reassembly.add(packet, now_ms += 100);
        require(reassembly.waiting() <= Reassembly::most_datagrams);
        if (whole.empty()) continue;
        require(admit(whole) == FrameKind::ipv4);
        check(whole, FrameKind::ipv4, closing);
    }
    return 0;
}
