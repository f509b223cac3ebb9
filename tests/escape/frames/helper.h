// SPDX-License-Identifier: Apache-2.0
// hv-slirp as hv starts it, with this process as the guest.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hv/devices/slirp/internet.h"

namespace frames {

using Frame = std::vector<std::byte>;
using hv::slirp::Bytes;
using hv::slirp::Ipv4Address;

/// Ends the test.
[[noreturn]] void fail(const std::string& why);
void require(bool condition, const std::string& what);

class Helper {
public:
    /// `program` with the words of hv.
    Helper(const std::string& program, std::vector<std::string> words);
    ~Helper();
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    /// The ports that it reported when it was ready.
    [[nodiscard]] const std::string& ready() const { return ready_; }
    void send(Bytes frame);
    /// The next frame for the guest; nothing: none within `limit_ms`.
    std::optional<Frame> receive(int limit_ms);
    /// Returns when all frames sent have been handled: they are answered in their order. False: the helper is gone.
    [[nodiscard]] bool settle();
    /// From /proc, in KiB: "VmRSS".
    [[nodiscard]] long status(std::string_view field) const;

private:
    pid_t process_ = -1;
    int socket_ = -1;
    std::string ready_;
};

/// A socket of the host's, on a port of its own choice.
class HostSocket {
public:
    HostSocket(int family, int type, const char* address);
    ~HostSocket();
    HostSocket(const HostSocket&) = delete;
    HostSocket& operator=(const HostSocket&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Connections that have come, or datagrams; they are kept open, and forgotten.
    std::size_t arrived();
    [[nodiscard]] const std::vector<int>& connections() const { return connections_; }
    /// Bytes of the last datagram.
    [[nodiscard]] std::size_t last_size() const { return last_size_; }

private:
    int fd_ = -1;
    bool stream_;
    std::uint16_t port_ = 0;
    std::size_t last_size_ = 0;
    std::vector<int> connections_;
};

constexpr Ipv4Address guest_address = 0x0A00'020F, gateway_address = 0x0A00'0202;

/// An IPv4 packet of the guest.
Frame ipv4_frame(Ipv4Address to, std::uint8_t protocol, Bytes payload, std::uint16_t id = 0, std::size_t offset = 0,
                 bool more_fragments = false);
/// TCP's header and UDP's, with checksums for these addresses.
Frame tcp_segment(Ipv4Address to, std::uint16_t from_port, std::uint16_t to_port, std::uint32_t sequence,
                  std::uint32_t acknowledgement, std::uint8_t flags, std::string_view data = {});
Frame udp_datagram(Ipv4Address to, std::uint16_t from_port, std::uint16_t to_port, std::string_view data);
/// The same in IPv6; `to` has 16 bytes.
Frame ipv6_frame(const in6_addr& to, std::uint8_t protocol, std::uint16_t from_port, std::uint16_t to_port);

}  // namespace frames
