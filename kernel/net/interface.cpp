// SPDX-License-Identifier: Apache-2.0
// Connects a network device to lwIP.
#include "kernel/net/interface.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "hooks.h"
#include "kernel/mm/heap.h"
#include "kernel/net/partial_checksum.h"
#include "kernel/net/private_packet.h"
#include "kernel/net/tcp/acknowledgements.h"
#include "kernel/sched/thread.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/ip4.h"
#include "lwip/ip6.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

namespace tenon::net {
namespace {

constexpr std::size_t most_parts = 32;  // of one of lwIP's frames
constexpr std::uint32_t reclaim_interval_ms = 100;

/// lwIP's record of a device's receive buffer, in the memory that the buffer has for its holder.
struct HeldBuffer {
    pbuf_custom custom;
    ReceiveBuffer* buffer;
};
static_assert(sizeof(HeldBuffer) <= sizeof(ReceiveBuffer::holder_area));

void release_held(pbuf* frame) { reinterpret_cast<HeldBuffer*>(frame)->buffer->release(); }

pbuf* wrap(ReceiveBuffer& buffer) {
    auto* held = new (buffer.holder_area) HeldBuffer{};
    held->buffer = &buffer;
    held->custom.custom_free_function = release_held;
    const auto size = static_cast<u16_t>(buffer.data.size());
    return pbuf_alloced_custom(PBUF_RAW, size, PBUF_REF, &held->custom, buffer.data.data(), size);
}

/// The packet behind `skip` bytes of the frame, in memory of its own; the device's buffers are released. Null: no
/// memory, the frame is dropped.
pbuf* copy_and_release(ReceiveBuffer& first, std::size_t skip, std::size_t size) {
    pbuf* made = make_private_packet(size);
    auto* to = made != nullptr ? static_cast<std::byte*>(made->payload) : nullptr;
    for (ReceiveBuffer *buffer = &first, *next; buffer != nullptr; buffer = next) {
        next = buffer->next;
        const std::span data = buffer->data.subspan(std::min(skip, buffer->data.size()));
        skip = 0;
        if (made != nullptr) to = std::copy(data.begin(), data.end(), to);
        buffer->release();
    }
    return made;
}

/// The device's buffers as one chain that begins behind `skip` bytes, which are in the first one.
pbuf* chain_of(ReceiveBuffer& first, std::size_t skip, std::size_t size) {
    first.data = first.data.subspan(skip);
    pbuf *chain = nullptr, **end = &chain;
    for (ReceiveBuffer *buffer = &first, *next; buffer != nullptr; buffer = next) {
        next = buffer->next;
        pbuf* part = wrap(*buffer);
        part->tot_len = static_cast<u16_t>(size);
        size -= part->len;
        *end = part;
        end = &part->next;
    }
    return chain;
}

constexpr std::size_t ethernet_header = 14;
constexpr std::size_t largest_packet = UINT16_MAX;

std::uint16_t ethernet_type(const ReceiveBuffer& buffer) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(buffer.data[12]) << 8 |
                                      std::to_integer<unsigned>(buffer.data[13]));
}

void release_all(ReceiveBuffer& first) {
    for (ReceiveBuffer *buffer = &first, *next; buffer != nullptr; buffer = next) {
        next = buffer->next;
        buffer->release();
    }
}

constinit bool all_devices_cut_segments = true;
constinit bool all_devices_cut_segments6 = true;

constexpr u16_t checked_by_device = NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP;

}  // namespace

Result<Interface*> Interface::add(NetDevice& device) {
    auto* interface = new (std::nothrow) Interface(device);
    if (interface == nullptr) return fail(Error::no_memory);
    interface->poll_message_ = tcpip_callbackmsg_new(&Interface::poll, interface);
    if (interface->poll_message_ == nullptr ||
        netif_add_noaddr(&interface->netif_, interface, &Interface::initialize, ethernet_input) == nullptr) {
        delete interface;
        return fail(Error::no_memory);
    }
    all_devices_cut_segments &= device.segmentation_offload(false);
    all_devices_cut_segments6 &= device.segmentation_offload(true);
    device.start(&Interface::wake, &Interface::receive, &Interface::sent, interface);
    interface->follow_link();
    return interface;
}

err_t Interface::initialize(netif* interface) {
    const auto& self = *static_cast<Interface*>(interface->state);
    const MacAddress mac = self.device_.mac();
    interface->name[0] = 'e';
    interface->name[1] = 'n';
    interface->hwaddr_len = static_cast<u8_t>(mac.size());
    std::memcpy(interface->hwaddr, mac.data(), mac.size());
    interface->mtu = static_cast<u16_t>(self.device_.mtu());
    interface->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    interface->output = etharp_output;
    interface->output_ip6 = ethip6_output;
    interface->linkoutput = &Interface::transmit;
    // Received frames are checked one by one (input()), looped-back ones not at all: the device would have completed
    // their checksums.
    u16_t checksums = NETIF_CHECKSUM_ENABLE_ALL & static_cast<u16_t>(~checked_by_device);
    if (self.device_.checksum_offload()) checksums &= static_cast<u16_t>(~NETIF_CHECKSUM_GEN_TCP);
    NETIF_SET_CHECKSUM_CTRL(interface, checksums);
    return ERR_OK;
}

void Interface::follow_link() {
    if (device_.link_up() == (netif_is_link_up(&netif_) != 0)) return;
    if (device_.link_up())
        netif_set_link_up(&netif_);
    else
        netif_set_link_down(&netif_);
}

void Interface::wake(void* self) {
    auto& interface = *static_cast<Interface*>(self);
    if (interface.poll_scheduled_.exchange(true)) return;
    // The mailbox has room for one message of each interface. Should it be full, the next interrupt tries again.
    if (tcpip_callbackmsg_trycallback_fromisr(interface.poll_message_) != ERR_OK)
        interface.poll_scheduled_.store(false);
}

void Interface::poll(void* self) {
    auto& interface = *static_cast<Interface*>(self);
    interface.poll_scheduled_.store(false);
    begin_acknowledgement_batch();
    const bool more = interface.device_.poll(poll_budget);
    end_acknowledgement_batch();
    interface.follow_link();
    if (!more) {
        if (interface.full_polls_ > most_full_polls) Thread::current().set_priority(Priority::network);
        interface.full_polls_ = 0;
        return;
    }
    // A flood of frames must not keep the program from running, which has to consume them.
    if (++interface.full_polls_ == most_full_polls + 1) Thread::current().set_priority(Priority::normal);
    wake(self);
}

void Interface::receive(void* self, const ReceivedFrame& frame) {
    auto& interface = *static_cast<Interface*>(self);
    if (frame.scarce) note_scarcity();
    std::size_t size = 0;
    for (const ReceiveBuffer* buffer = &frame.first; buffer != nullptr; buffer = buffer->next)
        size += buffer->data.size();
    // No valid frame has its Ethernet header in two pieces, or a packet of more than 64 KiB.
    if (frame.first.data.size() < ethernet_header || size - ethernet_header > largest_packet)
        return release_all(frame.first);
    const std::uint16_t type = ethernet_type(frame.first);
    // The header stays outside: with it, the largest IP packet would not fit the 16 bits of lwIP's length.
    const bool ip = type == ETHTYPE_IP || type == ETHTYPE_IPV6;
    const std::size_t skip = ip ? ethernet_header : 0;
    size -= skip;
    if (size > largest_packet) return release_all(frame.first);
    // Frames other than IP are rare, and lwIP needs them in one piece.
    pbuf* packet = frame.scarce || !ip ? copy_and_release(frame.first, skip, size) : chain_of(frame.first, skip, size);
    if (packet != nullptr) interface.input(packet, type, frame.checksum_valid);
}

void Interface::input(pbuf* packet, std::uint16_t type, bool checksum_valid) {
    packet->if_idx = netif_get_index(&netif_);
    if (type != ETHTYPE_IP && type != ETHTYPE_IPV6) {
        if (netif_.input(packet, &netif_) != ERR_OK) pbuf_free(packet);
        return;
    }
    // lwIP has one setting per interface for checking checksums. It processes the packet before this returns, so the
    // setting can be changed for each packet. Of a fragmented datagram the device cannot have verified the checksum.
    const u16_t usual = netif_.chksum_flags;
    const bool ipv6 = type == ETHTYPE_IPV6;
    if (!checksum_valid || is_fragment({static_cast<const std::uint8_t*>(packet->payload), packet->len}, ipv6))
        NETIF_SET_CHECKSUM_CTRL(&netif_, static_cast<u16_t>(usual | checked_by_device));
    // Both functions free the packet, whatever they return.
    if (ipv6)
        (void)ip6_input(packet, &netif_);
    else
        (void)ip4_input(packet, &netif_);
    NETIF_SET_CHECKSUM_CTRL(&netif_, usual);
}

void Interface::sent(void* frame) { pbuf_free(static_cast<pbuf*>(frame)); }

err_t Interface::transmit(netif* interface, pbuf* frame) {
    auto& self = *static_cast<Interface*>(interface->state);
    if (self.sendable(*frame)) {
        pbuf_ref(frame);
        return self.send(*frame);
    }
    // Rare: echo replies built in a receive buffer, and data that was written in very many pieces.
    pbuf* copy = pbuf_alloc(PBUF_RAW_TX, frame->tot_len, PBUF_RAM);
    if (copy == nullptr) return ERR_MEM;
    if (pbuf_copy(copy, frame) != ERR_OK) {
        pbuf_free(copy);
        return ERR_IF;
    }
    copy->gso_size = frame->gso_size;
    return self.send(*copy);
}

/// The device can read the frame in place: it has few parts, room for the device's header, and lies in the DMA zone.
bool Interface::sendable(const pbuf& frame) const {
    auto& first = const_cast<pbuf&>(frame);
    if (pbuf_add_header(&first, device_.header_space()) != 0) return false;
    pbuf_remove_header(&first, device_.header_space());
    std::size_t parts = 0;
    for (const pbuf* part = &frame; part != nullptr; part = part->next)
        if (part->len == 0 || ++parts > most_parts || !in_dma_zone(part->payload, part->len)) return false;
    return parts <= device_.part_limit();
}

/// Takes over the reference to `frame`.
err_t Interface::send(pbuf& frame) {
    request();
    std::array<FramePart, most_parts> parts;
    std::size_t count = 0;
    for (const pbuf* part = &frame; part != nullptr; part = part->next) parts[count++] = {part->payload, part->len};
    TransmitFrame to_send{.parts = std::span(parts).first(count), .cookie = &frame};
    if (device_.checksum_offload()) {
        if (const auto place = begin_tcp_checksum({static_cast<std::uint8_t*>(frame.payload), frame.len})) {
            to_send.checksum_start = place->start;
            to_send.checksum_offset = place->offset;
            to_send.ipv6 = place->ipv6;
            to_send.header_size = place->header_size;
            if (frame.tot_len - place->header_size > frame.gso_size) to_send.segment_size = frame.gso_size;
        }
    }
    if (device_.transmit(to_send)) return ERR_OK;
    pbuf_free(&frame);
    return ERR_MEM;
}

void Interface::run() {
    device_.flush();
    if (reclaim_scheduled_) return;
    // Sent frames are freed when the next frame is sent or received; if none is, by this timer. lwIP cannot retransmit
    // a segment before it is freed.
    reclaim_scheduled_ = true;
    sys_timeout(reclaim_interval_ms, &Interface::reclaim, this);
}

void Interface::reclaim(void* self) {
    auto& interface = *static_cast<Interface*>(self);
    interface.reclaim_scheduled_ = interface.device_.reclaim();
    if (interface.reclaim_scheduled_) sys_timeout(reclaim_interval_ms, &Interface::reclaim, self);
}

void Interface::drain() {
    const Nanoseconds deadline = monotonic_now() + 5'000'000;
    while (monotonic_now() < deadline) {
        {
            const CoreLock lock;
            if (!device_.reclaim()) return;
        }
        Thread::sleep_until(monotonic_now() + 200'000);
    }
}

}  // namespace tenon::net

u32_t tenon_net_segment_limit(int ipv6) {
    // One limit for all devices, because a connection may change its interface: a device that cannot cut a large frame
    // would drop it.
    return (ipv6 != 0 ? tenon::net::all_devices_cut_segments6 : tenon::net::all_devices_cut_segments) ? UINT16_MAX : 0;
}
