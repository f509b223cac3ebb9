// SPDX-License-Identifier: Apache-2.0
// The network device's driver (virtio 1.2, section 5.1).
#include "pv-drivers/net/net.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "kernel/console/console.h"
#include "kernel/entropy/random.h"
#include "kernel/mm/page_allocator.h"
#include "pv-drivers/virtio/driver.h"

namespace tenon::virtio {
namespace {

using Header = virtio_net_hdr_v1;  // section 5.1.6: with VERSION_1, num_buffers is always there
constexpr std::size_t ethernet_header = 14;
constexpr std::uint16_t first_receive_target = 32;

/// A cookie of the receive queue: the buffer's number, which is not null.
void* to_cookie(std::uint16_t index) { return reinterpret_cast<void*>(std::uintptr_t{index} + 1); }
std::uint16_t to_index(void* cookie) {
    return static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(cookie) - 1);
}

}  // namespace

Result<> Net::probe(Transport& transport) {
    auto* net = new (std::nothrow) Net(transport);
    if (net == nullptr) return fail(Error::no_memory);
    if (Result<> ready = net->initialize(); !ready) {
        delete net;
        return ready;
    }
    register_net_device(*net);
    return {};
}

Result<> Net::initialize() {
    CHECK(pool_.create(ReceivePool::count_for(memory_statistics().dma_total_bytes), &Net::buffers_returned, this));
    FeatureWish features{
        .required = 0,
        .optional = feature_bit(VIRTIO_NET_F_MAC) | feature_bit(VIRTIO_NET_F_MTU) | feature_bit(VIRTIO_NET_F_STATUS) |
                    feature_bit(VIRTIO_NET_F_CSUM) | feature_bit(VIRTIO_NET_F_HOST_TSO4) |
                    feature_bit(VIRTIO_NET_F_HOST_TSO6) | feature_bit(VIRTIO_NET_F_GUEST_CSUM) |
                    feature_bit(VIRTIO_NET_F_MRG_RXBUF),
    };
    // Section 5.1.6.3.1: without mergeable buffers each buffer would need room for a frame of 64 KiB.
    if (offers(VIRTIO_NET_F_MRG_RXBUF) && offers(VIRTIO_NET_F_GUEST_CSUM))
        features.optional |= feature_bit(VIRTIO_NET_F_GUEST_TSO4) | feature_bit(VIRTIO_NET_F_GUEST_TSO6);
    const std::array<QueueWish, 2> queues{
        {{.size = pool_.count()}, {.size = transmit_size, .indirect_entries = most_parts}}};
    CHECK(Device::start(features, queues));
    receive_target_ = std::min(first_receive_target, queue(receive_queue).size());
    queue(transmit_queue).disable_interrupts();
    read_identity();
    follow_link();
    return {};
}

void Net::read_identity() {
    // Section 5.1.4: mac exists with F_MAC, mtu with F_MTU.
    if (has_feature(VIRTIO_NET_F_MAC)) {
        mac_ = read_configuration<MacAddress>(offsetof(virtio_net_config, mac));
    } else {
        random_bytes(std::as_writable_bytes(std::span(mac_)));
        mac_[0] = static_cast<std::uint8_t>((mac_[0] & 0xFC) | 0x02);  // locally administered, unicast
    }
    // Section 5.1.4.2: a driver that accepts F_MTU must not send larger frames. At most 1500, which fits a receive
    // buffer; at least 1280, which IPv6 requires.
    if (has_feature(VIRTIO_NET_F_MTU))
        mtu_ =
            std::clamp<std::uint32_t>(read_configuration<std::uint16_t>(offsetof(virtio_net_config, mtu)), 1280, 1500);
}

void Net::follow_link() {
    configuration_changed_.store(false);
    bool up = true;
    if (has_feature(VIRTIO_NET_F_STATUS))
        up = (read_configuration<std::uint16_t>(offsetof(virtio_net_config, status)) & VIRTIO_NET_S_LINK_UP) != 0;
    link_up_.store(up, std::memory_order_relaxed);
}

void Net::queues_used() {
    interrupts_.fetch_add(1, std::memory_order_relaxed);
    wake();
}

void Net::status_changed() {
    configuration_changed_.store(true);
    wake();
}

void Net::start(void (*on_work)(void* context), Receive receive, Sent sent, void* context) {
    receive_ = receive;
    sent_ = sent;
    context_ = context;
    wake_ = on_work;
    fill_receive_queue();
    // A first poll finds frames, link changes and a request for a reset whose interrupt came before there was a stack.
    if (queue(receive_queue).enable_interrupts() || configuration_changed_.load() || !running()) wake_(context_);
}

void Net::fill_receive_queue() {
    Virtqueue& ring = queue(receive_queue);
    while (ring.chains_out() < receive_target_) {
        const auto index = pool_.take();
        if (!index) break;
        // Section 5.1.6.3.1: with MRG_RXBUF a buffer is at least as large as the header.
        const Piece piece{to_physical(pool_.memory(*index)), ReceivePool::buffer_size};
        if (!ring.add({}, std::span(&piece, 1), to_cookie(*index))) {
            pool_.give_back(*index);
            break;
        }
    }
    pool_.set_hungry(ring.chains_out() < receive_target_ / 2);
    publish_and_notify(receive_queue);
}

bool Net::poll(std::uint32_t budget) {
    if (!recover()) return false;
    if (configuration_changed_.load()) follow_link();
    Virtqueue& ring = queue(receive_queue);
    reclaim_some(UINT32_MAX);
    const std::uint32_t whole_budget = budget;
    while (budget > 0 && receive_one()) --budget;
    // The device had used more than three quarters of the buffers before this thread ran: it needs more of them.
    if (budget != whole_budget && ring.chains_out() < receive_target_ / 4 && !pool_.scarce())
        receive_target_ = static_cast<std::uint16_t>(std::min<std::uint32_t>(receive_target_ * 2u, ring.size()));
    fill_receive_queue();
    if (!running()) return true;  // it broke just now: the next poll restarts it
    return budget == 0 || ring.enable_interrupts();
}

bool Net::receive_one() {
    const auto used = queue(receive_queue).take_used();
    if (!used || !*used) return false;
    const std::uint16_t index = to_index((*used)->cookie);
    std::byte* memory = pool_.memory(index);
    Header header;
    std::memcpy(&header, memory, sizeof(header));  // copied once: the device could still write there
    if ((*used)->written < sizeof(Header) + ethernet_header) {
        ++statistics_.rx_errors;
        pool_.give_back(index);
        return true;
    }
    const std::size_t size = (*used)->written - sizeof(Header);
    ReceiveBuffer& first = pool_.lend(index, std::span(memory + sizeof(Header), size));
    std::size_t total = size;

    // Section 5.1.6.4: the frame fills num_buffers buffers, which are in the used ring one after the other by now.
    const std::uint16_t count = has_feature(VIRTIO_NET_F_MRG_RXBUF) ? header.num_buffers : std::uint16_t{1};
    bool whole = count != 0;
    ReceiveBuffer* last = &first;
    for (std::uint16_t i = 1; i < count && whole; ++i) {
        const auto more = queue(receive_queue).take_used();
        whole = more && *more && (*more)->written != 0;
        if (!whole) break;
        const std::uint16_t next = to_index((*more)->cookie);
        last->next = &pool_.lend(next, std::span(pool_.memory(next), (*more)->written));
        last = last->next;
        total += (*more)->written;
    }
    if (!whole) {
        ++statistics_.rx_errors;
        for (ReceiveBuffer *buffer = &first, *next; buffer != nullptr; buffer = next) {
            next = buffer->next;
            buffer->release();
        }
        return true;
    }
    ++statistics_.rx_packets;
    statistics_.rx_bytes += total;
    // Section 5.1.6.4.1: DATA_VALID: the device has verified the checksum. NEEDS_CSUM: the frame never left the host.
    const bool valid = (header.flags & (VIRTIO_NET_HDR_F_DATA_VALID | VIRTIO_NET_HDR_F_NEEDS_CSUM)) != 0;
    receive_(
        context_,
        {.first = first, .checksum_valid = valid && has_feature(VIRTIO_NET_F_GUEST_CSUM), .scarce = pool_.scarce()});
    return true;
}

void Net::reclaim_some(std::uint32_t limit) {
    while (limit-- > 0) {
        const auto used = queue(transmit_queue).take_used();
        if (!used || !*used) return;
        sent_((*used)->cookie);
    }
}

bool Net::reclaim() {
    reclaim_some(UINT32_MAX);
    return queue(transmit_queue).chains_out() > 0;
}

bool Net::transmit(const TransmitFrame& frame) {
    Virtqueue& ring = queue(transmit_queue);
    if (!running() || frame.parts.empty() || frame.parts.size() > most_parts) return ++statistics_.tx_errors, false;
    if (ring.free_descriptors() < transmit_size / 2) reclaim_some(UINT32_MAX);

    // Section 5.1.6.2: the header is before the frame, in bytes that the stack has left free for it.
    Header header{};
    if (frame.checksum_start != 0) {
        header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        header.csum_start = frame.checksum_start;
        header.csum_offset = frame.checksum_offset;
    }
    if (frame.segment_size != 0) {
        header.gso_type = frame.ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
        header.gso_size = frame.segment_size;
        header.hdr_len = frame.header_size;
    }
    const auto* begin = static_cast<const std::byte*>(frame.parts[0].data) - sizeof(Header);
    std::memcpy(const_cast<std::byte*>(begin), &header, sizeof(header));

    std::array<Piece, most_parts> pieces;
    pieces[0] = {to_physical(begin), static_cast<std::uint32_t>(frame.parts[0].size + sizeof(Header))};
    std::size_t total = frame.parts[0].size;
    for (std::size_t i = 1; i < frame.parts.size(); ++i) {
        pieces[i] = {to_physical(frame.parts[i].data), static_cast<std::uint32_t>(frame.parts[i].size)};
        total += frame.parts[i].size;
    }
    if (!ring.add(std::span(pieces).first(frame.parts.size()), {}, frame.cookie))
        return ++statistics_.tx_dropped, false;
    ++statistics_.tx_packets;
    statistics_.tx_bytes += total;
    return true;
}

void Net::flush() { publish_and_notify(transmit_queue); }

bool Net::recover() {
    if (running()) return true;
    if (given_up_) return false;
    ++statistics_.restarts;
    const Result<> restarted = restart([this](std::uint32_t index, void* cookie) {
        if (index == receive_queue)
            pool_.give_back(to_index(cookie));
        else
            sent_(cookie);
    });
    if (!restarted) {
        warn("network: the interface is broken and stays off");
        given_up_ = true;
        link_up_.store(false);
        return false;
    }
    warn("network: the interface was restarted");
    queue(transmit_queue).disable_interrupts();
    follow_link();
    receive_target_ = std::min(receive_target_, queue(receive_queue).size());
    return true;
}

NetStatistics Net::statistics() const {
    NetStatistics result = statistics_;
    result.notifications = notifications();
    result.interrupts = interrupts_.load(std::memory_order_relaxed);
    return result;
}

}  // namespace tenon::virtio

static tenon::Result<> virtio_net(tenon::virtio::Transport& transport) { return tenon::virtio::Net::probe(transport); }
TENON_VIRTIO_DRIVER(VIRTIO_ID_NET, virtio_net);
