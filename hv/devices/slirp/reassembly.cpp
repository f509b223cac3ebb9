// SPDX-License-Identifier: Apache-2.0
// Putting fragments together.
#include "hv/devices/slirp/reassembly.h"

#include <algorithm>

namespace hv::slirp {

namespace {

constexpr std::size_t largest_payload = 65535 - ipv4_size;

}  // namespace

Reassembly::Iterator Reassembly::find(const Ipv4Packet& fragment, std::uint64_t now_ms) {
    while (!datagrams_.empty() && datagrams_.front().until_ms <= now_ms) datagrams_.pop_front();
    const auto found = std::ranges::find_if(datagrams_, [&](const Datagram& datagram) {
        const Ipv4Packet& first = datagram.first;
        return first.id == fragment.id && first.source == fragment.source &&
               first.destination == fragment.destination && first.protocol == fragment.protocol;
    });
    if (found != datagrams_.end()) return found;
    if (datagrams_.size() == most_datagrams) datagrams_.pop_front();
    return datagrams_.insert(datagrams_.end(), {.first = fragment, .until_ms = now_ms + life_ms});
}

/// False: the datagram makes no sense.
bool Reassembly::insert(Datagram& datagram, const Ipv4Packet& fragment, Bytes payload) {
    const std::size_t begin = fragment.offset, end = begin + payload.size();
    // All but the last one are of whole units of 8 bytes, and one without any bytes would count for nothing.
    if (payload.empty() || end > largest_payload || (fragment.more_fragments && payload.size() % 8 != 0)) return false;
    if (!fragment.more_fragments) {
        if (datagram.whole != 0) return false;
        datagram.whole = end;
    }
    const auto next =
        std::ranges::find_if(datagram.parts, [begin](const Datagram::Part& part) { return part.offset >= begin; });
    if (next != datagram.parts.end() && next->offset < end) return false;
    if (next != datagram.parts.begin() && std::prev(next)->offset + std::prev(next)->size > begin) return false;
    if (datagram.parts.size() == most_fragments) return false;
    datagram.parts.insert(next, {begin, payload.size()});
    if (datagram.payload.size() < end) datagram.payload.resize(end);
    std::ranges::copy(payload, datagram.payload.begin() + static_cast<std::ptrdiff_t>(begin));
    datagram.received += payload.size();
    return datagram.whole == 0 || datagram.parts.back().offset + datagram.parts.back().size <= datagram.whole;
}

std::vector<std::byte> Reassembly::add(Bytes frame, std::uint64_t now_ms) {
    const auto fragment = read_ipv4(frame);
    if (!fragment || !fragment->is_fragment()) return {};
    const Iterator datagram = find(*fragment, now_ms);
    if (!insert(*datagram, *fragment, fragment->payload(frame))) {
        datagrams_.erase(datagram);
        return {};
    }
    if (datagram->whole == 0 || datagram->received < datagram->whole) return {};
    std::vector<std::byte> whole(ethernet_size + ipv4_size + datagram->whole);
    Ipv4Headers headers{.to = {},
                        .from = {},
                        .source = fragment->source,
                        .destination = fragment->destination,
                        .protocol = fragment->protocol,
                        .id = fragment->id};
    std::ranges::copy(frame.first(6), headers.to.begin());
    std::ranges::copy(frame.subspan(6, 6), headers.from.begin());
    write_ipv4(whole, headers, datagram->whole);
    std::ranges::copy(datagram->payload, whole.begin() + ethernet_size + ipv4_size);
    datagrams_.erase(datagram);
    return whole;
}

}  // namespace hv::slirp
