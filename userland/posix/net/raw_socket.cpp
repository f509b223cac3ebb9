// SPDX-License-Identifier: Apache-2.0
// Raw sockets: datagrams of IP itself (raw(7)).
#include <netinet/in.h>

#include <new>

#include "lwip/ip.h"
#include "lwip/raw.h"
#include "userland/posix/net/datagram_socket.h"

namespace tenon::posix {
namespace {

class RawSocket final : public DatagramSocket {
public:
    static Outcome<FileReference> make(int family, int protocol) {
        auto* socket = new (std::nothrow) RawSocket(family, protocol);
        if (socket == nullptr) return fail_with(ENOMEM);
        FileReference reference(socket);
        const net::CoreLock lock;
        CHECK(socket->update_control_block());
        return reference;
    }

private:
    RawSocket(int family, int protocol) : DatagramSocket(family, SOCK_RAW, protocol) {
        // Linux: with the protocol IPPROTO_RAW the program writes the header.
        options_.header_included = protocol == IPPROTO_RAW;
    }
    ~RawSocket() = default;

    /// The stack and other sockets get the packet too, so this socket takes a copy.
    static u8_t on_received(void* self, raw_pcb*, pbuf* packet, const ip_addr_t* from) {
        auto& socket = *static_cast<RawSocket*>(self);
        pbuf* copy = pbuf_clone(PBUF_RAW, PBUF_RAM, packet);
        if (copy == nullptr) return 0;
        // IPv6: without the header (RFC 3542, section 3).
        if (socket.family() == AF_INET6) pbuf_remove_header(copy, ip_current_header_tot_len());
        socket.received(copy, *from, 0);
        return 0;
    }

    Outcome<> update_control_block() override {
        if (pcb_ == nullptr) {
            pcb_ =
                raw_new_ip_type(family() == AF_INET ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6, static_cast<u8_t>(protocol()));
            if (pcb_ == nullptr) return fail_with(ENOBUFS);
            raw_recv(pcb_, &RawSocket::on_received, this);
            if (family() == AF_INET6 && protocol() == IPPROTO_ICMPV6) {
                pcb_->chksum_reqd = 1;
                pcb_->chksum_offset = 2;  // RFC 3542, section 3.1
            }
        }
        ip_addr_copy(pcb_->local_ip, local_.address);
        if (IP_IS_ANY_TYPE_VAL(pcb_->local_ip)) IP_SET_TYPE_VAL(pcb_->local_ip, IPADDR_TYPE_V6);
        if (connected_) {
            ip_addr_copy(pcb_->remote_ip, peer_.address);
            raw_set_flags(pcb_, RAW_FLAGS_CONNECTED);
        } else {
            ip_addr_set_any_val(IP_IS_V6_VAL(pcb_->local_ip), pcb_->remote_ip);
            raw_clear_flags(pcb_, RAW_FLAGS_CONNECTED);
        }
        apply_options();
        return {};
    }

    void apply_options() override {
        drop_unwanted_errors();
        if (pcb_ == nullptr) return;
        pcb_->so_options = SOF_BROADCAST;
        pcb_->netif_idx = options_.interface;
        if (options_.header_included)
            raw_set_flags(pcb_, RAW_FLAGS_HDRINCL);
        else
            raw_clear_flags(pcb_, RAW_FLAGS_HDRINCL);
    }

    [[nodiscard]] std::size_t largest_datagram() const override { return 0xFFFF - (options_.header_included ? 0 : 20); }
    [[nodiscard]] pbuf* allocate(std::size_t size) const override {
        return pbuf_alloc(options_.header_included ? PBUF_LINK : PBUF_IP, static_cast<u16_t>(size), PBUF_RAM);
    }

    Outcome<> transmit(pbuf* packet, const Route& route) override {
        route.apply_to(*pcb_, RAW_TTL);
        switch (raw_sendto_if_src(pcb_, packet, &route.to.address, route.interface, &route.from)) {
            case ERR_RTE: return fail_with(ENETUNREACH);
            case ERR_BUF: return fail_with(ENOBUFS);
            case ERR_VAL: return fail_with(EINVAL);
            default: return {};
        }
    }

    void close_now() override {
        DatagramSocket::close_now();
        if (pcb_ != nullptr) raw_remove(pcb_);
        pcb_ = nullptr;
    }
    void destroy_object() override { delete this; }

    raw_pcb* pcb_ = nullptr;
};

}  // namespace

Outcome<FileReference> make_raw_socket(int family, int protocol) { return RawSocket::make(family, protocol); }

}  // namespace tenon::posix
