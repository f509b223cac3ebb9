// SPDX-License-Identifier: Apache-2.0
// Starting hv-slirp, and making frames.
#include "tests/escape/frames/helper.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "hv/devices/slirp/protocol.h"
#include "hv/devices/virtio_net_header.h"
#include "tests/unit/hv/frames.h"

namespace frames {

using namespace hv::slirp;

namespace {

constexpr int limit_ms = 20'000;
constexpr Mac guest_mac{std::byte{2}, {}, {}, {}, {}, std::byte{1}};
constexpr Mac gateway_mac{std::byte{0x52}, std::byte{0x55}, std::byte{10}, std::byte{0}, std::byte{2}, std::byte{2}};

/// ARP's request for the gateway, which is always answered; or the guest's answer to a request for itself.
Frame arp_frame(std::uint16_t operation, Ipv4Address target) {
    Frame frame(42);
    std::ranges::fill(std::span(frame).first(6), std::byte{0xFF});
    std::ranges::copy(guest_mac, frame.begin() + 6);
    put_16(frame, 12, ethertype_arp);
    put_16(frame, 14, 1);
    put_16(frame, 16, ethertype_ipv4);
    put_16(frame, 18, 0x0604);
    put_16(frame, 20, operation);
    std::ranges::copy(guest_mac, frame.begin() + 22);
    put_32(frame, 28, guest_address);
    put_32(frame, 38, target);
    return frame;
}

}  // namespace

void fail(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

void require(bool condition, const std::string& what) {
    if (!condition) fail(what);
}

Helper::Helper(const std::string& program, std::vector<std::string> words) {
    int pair[2];
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
    socket_ = pair[0];
    const std::string parent = std::to_string(getpid());
    process_ = fork();
    if (process_ == 0) {
        dup2(pair[1], socket_fd);
        fcntl(socket_fd, F_SETFD, 0);
        std::vector<char*> arguments{const_cast<char*>("hv-slirp"), const_cast<char*>(parent.c_str())};
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        execv(program.c_str(), arguments.data());
        _exit(127);
    }
    close(pair[1]);
    char text[message_limit]{};
    pollfd poller{.fd = socket_, .events = POLLIN, .revents = 0};
    require(poll(&poller, 1, limit_ms) == 1 && read(socket_, text, sizeof text - 1) > 0, "hv-slirp says nothing");
    ready_ = text;
    require(ready_.starts_with(ready_word), "hv-slirp: " + ready_);
    // The helper learns the guest's address from it.
    send(arp_frame(1, guest_address));
}

Helper::~Helper() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    close(socket_);
}

void Helper::send(Bytes frame) {
    virtio_net_hdr_v1 header{};
    iovec parts[] = {{.iov_base = &header, .iov_len = sizeof header},
                     {.iov_base = const_cast<std::byte*>(frame.data()), .iov_len = frame.size()}};
    // A full socket blocks, so an error means that the helper is gone.
    if (writev(socket_, parts, 2) < 0) fail("hv-slirp takes no frames: it is gone");
}

std::optional<Frame> Helper::receive(int wait_ms) {
    for (;;) {
        pollfd poller{.fd = socket_, .events = POLLIN, .revents = 0};
        if (poll(&poller, 1, wait_ms) != 1) return std::nullopt;
        Frame message(frame_limit);
        const ssize_t size = recv(socket_, message.data(), message.size(), MSG_DONTWAIT);
        if (size <= static_cast<ssize_t>(sizeof(virtio_net_hdr_v1))) return std::nullopt;
        Frame frame(message.begin() + sizeof(virtio_net_hdr_v1), message.begin() + size);
        if (frame.size() >= 42 && get_16(frame, 12) == ethertype_arp && get_16(frame, 20) == 1) {
            send(arp_frame(2, gateway_address));
            continue;
        }
        return frame;
    }
}

bool Helper::settle() {
    send(arp_frame(1, gateway_address));
    while (const auto frame = receive(limit_ms))
        if (get_16(*frame, 12) == ethertype_arp) return true;
    return false;
}

long Helper::status(std::string_view field) const {
    std::ifstream file("/proc/" + std::to_string(process_) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(field)) return std::atol(line.c_str() + field.size() + 1);
    return -1;
}

HostSocket::HostSocket(int family, int type, const char* address) : stream_(type == SOCK_STREAM) {
    fd_ = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in6 six{};
    sockaddr_in four{};
    six.sin6_family = AF_INET6;
    four.sin_family = AF_INET;
    inet_pton(family, address, family == AF_INET ? static_cast<void*>(&four.sin_addr) : &six.sin6_addr);
    auto* const generic = family == AF_INET ? reinterpret_cast<sockaddr*>(&four) : reinterpret_cast<sockaddr*>(&six);
    socklen_t size = family == AF_INET ? sizeof four : sizeof six;
    require(fd_ >= 0 && bind(fd_, generic, size) == 0 && getsockname(fd_, generic, &size) == 0,
            std::string("the host's ") + address + ": " + std::strerror(errno));
    port_ = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
    if (stream_) require(listen(fd_, 4096) == 0, "listen");
}

HostSocket::~HostSocket() {
    for (const int connection : connections_) close(connection);
    close(fd_);
}

std::size_t HostSocket::arrived() {
    static char buffer[70'000];
    for (std::size_t count = 0;; ++count) {
        if (stream_) {
            const int connection = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (connection < 0) return count;
            connections_.push_back(connection);
        } else {
            const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
            if (size < 0) return count;
            last_size_ = static_cast<std::size_t>(size);
        }
    }
}

Frame ipv4_frame(Ipv4Address to, std::uint8_t protocol, Bytes payload, std::uint16_t id, std::size_t offset,
                 bool more_fragments) {
    const hv::test::Ipv4Frame whole{.source = guest_address,
                                    .destination = to,
                                    .protocol = protocol,
                                    .id = id,
                                    .offset = offset,
                                    .more_fragments = more_fragments,
                                    .payload = Frame(payload.begin(), payload.end())};
    return whole.frame();
}

Frame tcp_segment(Ipv4Address to, std::uint16_t from_port, std::uint16_t to_port, std::uint32_t sequence,
                  std::uint32_t acknowledgement, std::uint8_t flags, std::string_view data) {
    Frame segment(20 + data.size());
    put_16(segment, 0, from_port);
    put_16(segment, 2, to_port);
    put_32(segment, 4, sequence);
    put_32(segment, 8, acknowledgement);
    put_16(segment, 12, static_cast<std::uint16_t>(5 << 12 | flags));
    put_16(segment, 14, 0xFFFF);
    std::memcpy(segment.data() + 20, data.data(), data.size());
    put_16(segment, 16, internet_checksum(segment, pseudo_header_sum(guest_address, to, protocol_tcp, segment.size())));
    return segment;
}

Frame udp_datagram(Ipv4Address to, std::uint16_t from_port, std::uint16_t to_port, std::string_view data) {
    Frame datagram(udp_size + data.size());
    put_16(datagram, 0, from_port);
    put_16(datagram, 2, to_port);
    put_16(datagram, 4, static_cast<std::uint16_t>(datagram.size()));
    std::memcpy(datagram.data() + udp_size, data.data(), data.size());
    put_16(datagram, 6,
           internet_checksum(datagram, pseudo_header_sum(guest_address, to, protocol_udp, datagram.size())));
    return datagram;
}

Frame ipv6_frame(const in6_addr& to, std::uint8_t protocol, std::uint16_t from_port, std::uint16_t to_port) {
    Frame payload(protocol == protocol_tcp ? 20 : 12);
    put_16(payload, 0, from_port);
    put_16(payload, 2, to_port);
    if (protocol == protocol_tcp)
        put_16(payload, 12, 5 << 12 | 0x02), put_16(payload, 14, 0xFFFF);
    else
        put_16(payload, 4, static_cast<std::uint16_t>(payload.size()));
    Frame frame(ethernet_size + ipv6_size + payload.size());
    std::ranges::copy(gateway_mac, frame.begin());
    std::ranges::copy(guest_mac, frame.begin() + 6);
    put_16(frame, 12, ethertype_ipv6);
    const auto packet = std::span(frame).subspan(ethernet_size);
    packet[0] = std::byte{0x60};
    put_16(packet, 4, static_cast<std::uint16_t>(payload.size()));
    packet[6] = std::byte{protocol};
    packet[7] = std::byte{64};
    put_16(packet, 8, 0xFEC0);
    packet[23] = std::byte{15};
    std::memcpy(packet.data() + 24, &to, sizeof to);
    std::uint64_t sum = protocol + payload.size();
    for (std::size_t at = 8; at < ipv6_size; at += 2) sum += get_16(packet, at);
    put_16(payload, protocol == protocol_tcp ? 16 : 6, internet_checksum(payload, sum));
    std::ranges::copy(payload, packet.begin() + ipv6_size);
    return frame;
}

}  // namespace frames
