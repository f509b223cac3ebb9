// SPDX-License-Identifier: Apache-2.0
// UDP sockets over lwIP's raw interface.
#include <netinet/in.h>
#include <netinet/udp.h>

#include <new>

#include "lwip/ip.h"
#include "lwip/udp.h"
#include "userland/posix/net/datagram_socket.h"
#include "userland/posix/net/interface_flags.h"

namespace tenon::posix {
namespace {

constexpr std::size_t ipv4_header = 20, udp_header = 8;

class UdpSocket final : public DatagramSocket {
public:
    static Outcome<FileReference> make(int family) {
        auto* socket = new (std::nothrow) UdpSocket(family);
        if (socket == nullptr) return fail_with(ENOMEM);
        return FileReference(socket);
    }

private:
    explicit UdpSocket(int family) : DatagramSocket(family, SOCK_DGRAM, IPPROTO_UDP) {}
    ~UdpSocket() = default;

    static void on_received(void* self, udp_pcb*, pbuf* packet, const ip_addr_t* from, u16_t port) {
        static_cast<UdpSocket*>(self)->received(packet, *from, port);
    }

    Outcome<> update_control_block() override {
        if (pcb_ == nullptr) {
            pcb_ = udp_new_ip_type(IP_GET_TYPE(&local_.address));
            if (pcb_ == nullptr) return fail_with(ENOBUFS);
            udp_recv(pcb_, &UdpSocket::on_received, this);
            // lwIP's own udp_bind() has other rules for sharing ports.
            pcb_->next = udp_pcbs;
            udp_pcbs = pcb_;
        }
        ip_addr_copy(pcb_->local_ip, local_.address);
        pcb_->local_port = local_.port;
        if (connected_) {
            ip_addr_copy(pcb_->remote_ip, peer_.address);
            pcb_->remote_port = peer_.port;
            udp_set_flags(pcb_, UDP_FLAGS_CONNECTED);
        } else {
            ip_addr_set_any_val(IP_IS_V6_VAL(local_.address), pcb_->remote_ip);
            pcb_->remote_port = 0;
            udp_clear_flags(pcb_, UDP_FLAGS_CONNECTED);
        }
        apply_options();
        return {};
    }

    void apply_options() override {
        drop_unwanted_errors();
        if (pcb_ == nullptr) return;
        // As on Linux: every socket receives broadcasts, and all sockets that share a port receive datagrams to a
        // group.
        pcb_->so_options = SOF_BROADCAST;
        if (options_.reuse_address || options_.reuse_port) ip_set_option(pcb_, SOF_REUSEADDR);
        pcb_->netif_idx = options_.interface;
    }

    Outcome<> set_protocol_option(int level, int option, int value, std::span<const std::byte> bytes) override {
        if (level != IPPROTO_UDP || option != UDP_CORK) return fail_with(ENOPROTOOPT);
        if (bytes.size() < sizeof(int)) return fail_with(EINVAL);
        cork_ = value != 0;
        return cork_ ? Outcome<>() : send_corked();
    }
    Outcome<> get_protocol_option(int level, int option, OptionValue& value) override {
        if (level != IPPROTO_UDP || option != UDP_CORK) return fail_with(ENOPROTOOPT);
        value.set(cork_);
        return {};
    }

    [[nodiscard]] std::size_t largest_datagram() const override { return 0xFFFF - ipv4_header - udp_header; }
    [[nodiscard]] pbuf* allocate(std::size_t size) const override {
        return pbuf_alloc(PBUF_TRANSPORT, static_cast<u16_t>(size), PBUF_RAM);
    }

    Outcome<> transmit(pbuf* packet, const Route& route) override {
        const bool v4 = route.to.is_v4();
        route.apply_to(*pcb_, UDP_TTL);
        // What is sent by loopback comes back in any case.
        if ((v4 ? options_.multicast_loop : options_.multicast_loop6) && !is_loopback(*route.interface))
            udp_set_flags(pcb_, UDP_FLAGS_MULTICAST_LOOP);
        else
            udp_clear_flags(pcb_, UDP_FLAGS_MULTICAST_LOOP);
        const err_t error =
            udp_sendto_if_src(pcb_, packet, &route.to.address, route.to.port, route.interface, &route.from);
        switch (error) {
            case ERR_RTE: return fail_with(ENETUNREACH);
            case ERR_BUF: return fail_with(ENOBUFS);
            default: return {};  // a datagram for which the device has no room is lost, as on a full wire
        }
    }

    void close_now() override {
        DatagramSocket::close_now();
        if (pcb_ != nullptr) udp_remove(pcb_);
        pcb_ = nullptr;
    }
    void destroy_object() override { delete this; }

    udp_pcb* pcb_ = nullptr;
};

}  // namespace

Outcome<FileReference> make_udp_socket(int family) { return UdpSocket::make(family); }

}  // namespace tenon::posix
