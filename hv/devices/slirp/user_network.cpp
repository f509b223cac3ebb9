// SPDX-License-Identifier: Apache-2.0
// The loop between libslirp's sockets and the guest's frames.
#include "hv/devices/slirp/user_network.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <span>

#include "hv/core/errno_kind.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/host_clock.h"
#include "hv/devices/slirp/confine.h"
#include "hv/devices/slirp/frame_filter.h"
#include "hv/devices/slirp/vnet_header.h"
#include "hv/devices/virtio_net_header.h"

namespace hv::slirp {

namespace {

constexpr std::size_t backlog_limit = 1024;
constexpr int frames_per_turn = 64;
/// As libslirp makes it of the gateway's address.
constexpr Mac gateway_mac{std::byte{0x52}, std::byte{0x55}, std::byte{10}, std::byte{0}, std::byte{2}, std::byte{2}};

in_addr ipv4(std::uint32_t address) { return {.s_addr = htonl(address)}; }

in6_addr ipv6(std::uint8_t last) {
    in6_addr address{};
    address.s6_addr[0] = 0xFE;
    address.s6_addr[1] = 0xC0;
    address.s6_addr[15] = last;
    return address;
}

/// A socket of the kind that `forward` needs, at its address; its port, if that was 0, is filled in.
FileDescriptor bind_socket(Forward& forward) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr = forward.address;
    address.sin_port = htons(forward.host);
    socklen_t size = sizeof address;
    FileDescriptor fd(socket(AF_INET, (forward.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (!fd || bind(fd.get(), generic, size) != 0 || getsockname(fd.get(), generic, &size) != 0) return {};
    forward.host = ntohs(address.sin_port);
    return fd;
}

std::string address_text(in_addr address) {
    std::array<char, INET_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET, &address, text.data(), text.size());
}

}  // namespace

/// libslirp's callbacks. `self` is the UserNetwork.
struct UserNetwork::Callbacks {
    static UserNetwork& network(void* self) { return *static_cast<UserNetwork*>(self); }

    static ssize_t send_packet(const void* frame, std::size_t size, void* self) {
        network(self).closing_.sent_to_guest({static_cast<const std::byte*>(frame), size});
        network(self).send_frame(frame, size);
        return static_cast<ssize_t>(size);
    }
    static void guest_error(const char*, void*) {}
    static std::int64_t clock_get_ns(void*) { return static_cast<std::int64_t>(host_monotonic_ns()); }
    static void* timer_new(SlirpTimerCb callback, void* argument, void* self) {
        network(self).timer_callback_ = callback;
        network(self).timer_argument_ = argument;
        return self;
    }
    static void timer_free(void*, void* self) { network(self).timer_due_ms_ = -1; }
    static void timer_mod(void*, std::int64_t due_ms, void* self) { network(self).timer_due_ms_ = due_ms; }
    static void ignore_fd(int, void*) {}
    static void ignore(void*) {}
    static int add_poll(int fd, int events, void* self) {
        short wanted = 0;
        if ((events & SLIRP_POLL_IN) != 0) wanted |= POLLIN;
        if ((events & SLIRP_POLL_OUT) != 0) wanted |= POLLOUT;
        if ((events & SLIRP_POLL_PRI) != 0) wanted |= POLLPRI;
        // Data that was read is held until the guest has taken it.
        if (network(self).memory_state_ == MemoryWatch::State::full) wanted &= POLLOUT;
        network(self).polls_.push_back({.fd = fd, .events = wanted, .revents = 0});
        return static_cast<int>(network(self).polls_.size()) - 1;
    }
    static int get_events(int index, void* self) {
        const short seen = network(self).polls_[static_cast<std::size_t>(index)].revents;
        int events = 0;
        if ((seen & POLLIN) != 0) events |= SLIRP_POLL_IN;
        if ((seen & POLLOUT) != 0) events |= SLIRP_POLL_OUT;
        if ((seen & POLLPRI) != 0) events |= SLIRP_POLL_PRI;
        if ((seen & POLLERR) != 0) events |= SLIRP_POLL_ERR;
        if ((seen & POLLHUP) != 0) events |= SLIRP_POLL_HUP;
        return events;
    }
};

Result<std::unique_ptr<UserNetwork>> UserNetwork::create(Options& options) {
    static constexpr SlirpCb callbacks = {
        .send_packet = Callbacks::send_packet,
        .guest_error = Callbacks::guest_error,
        .clock_get_ns = Callbacks::clock_get_ns,
        .timer_new = Callbacks::timer_new,
        .timer_free = Callbacks::timer_free,
        .timer_mod = Callbacks::timer_mod,
        .register_poll_fd = Callbacks::ignore_fd,
        .unregister_poll_fd = Callbacks::ignore_fd,
        .notify = Callbacks::ignore,
        .init_completed = nullptr,
        .timer_new_opaque = nullptr,
    };
    SlirpConfig config{};
    config.version = 3;
    config.in_enabled = true;
    config.vnetwork = ipv4(0x0A00'0200);
    config.vnetmask = ipv4(0xFFFF'FF00);
    config.vhost = ipv4(0x0A00'0202);
    config.vnameserver = ipv4(0x0A00'0203);
    config.vdhcp_start = ipv4(0x0A00'020F);
    config.in6_enabled = true;
    config.vprefix_addr6 = ipv6(0);
    config.vprefix_len = 64;
    config.vhost6 = ipv6(2);
    config.vnameserver6 = ipv6(3);
    config.if_mtu = mtu;
    config.if_mru = mtu;
    config.disable_host_loopback = !options.host_loopback;

    std::unique_ptr<UserNetwork> network(new UserNetwork);
    network->slirp_ = slirp_new(&config, &callbacks, network.get());
    if (network->slirp_ == nullptr) return fail(ErrorKind::internal, "user-mode network: libslirp refuses to start");
    // DHCP gives its first address to the one guest that there is.
    const in_addr guest = options.guest.s_addr != 0 ? options.guest : config.vdhcp_start;
    network->relay_.emplace(DatagramRelay::Network{
        .guest = ntohl(guest.s_addr),
        .gateway = ntohl(config.vhost.s_addr),
        .gateway_mac = gateway_mac,
        .mtu = mtu,
        .send = [raw = network.get()](Bytes frame) { raw->send_frame(frame.data(), frame.size()); }});
    for (Forward& forward : options.forwards) CHECK(network->open_port(forward, options.guest));
    return network;
}

UserNetwork::~UserNetwork() {
    if (slirp_ != nullptr) slirp_cleanup(slirp_);
}

Result<> UserNetwork::open_port(Forward& forward, in_addr guest) {
    const bool any = forward.host == 0;
    for (int attempt = 0;; ++attempt) {
        if (any) forward.host = 0;
        bool bound = !any;
        if (any || forward.udp) {
            FileDescriptor socket = bind_socket(forward);
            bound = static_cast<bool>(socket);
            if (bound && forward.udp) {
                relay_->publish(std::move(socket), forward.guest);
                return {};
            }
        }
        // libslirp makes its own socket. Somebody else may have been given the same free port meanwhile.
        if (bound && !forward.udp) {
            if (slirp_add_hostfwd(slirp_, 0, forward.address, forward.host, guest, forward.guest) == 0) return {};
            if (any && attempt < 8) continue;
        }
        const ErrorKind kind = errno_kind(errno);
        const std::string at = address_text(forward.address);
        return fail(
            kind,
            fmt::format("port {}:{}{}: {} ({})", at, forward.host, forward.udp ? "/udp" : "", std::strerror(errno),
                        kind == ErrorKind::not_found
                            ? "the host has no such address"
                            : fmt::format("choose another one, as in --net user,{}:0:{}: any that is free", at,
                                          forward.guest)));
    }
}

void UserNetwork::limit(std::uint64_t memory) {
    quota_ = &set_up_socket_quota();
    memory_.emplace(own_memory(), memory);
    // Should all else fail: then this process ends, and the machine continues without a network. A connection has two
    // buffers of 128 KiB, of which it touches what it needs.
    constexpr std::uint64_t buffers = 256 << 10, slack = 64 << 20;
    const std::uint64_t connections = quota_->limit(SocketKind::outgoing) + quota_->limit(SocketKind::incoming);
    limit_data(connections * buffers + memory + slack);
}

void UserNetwork::run() {
    // libslirp looks at the clock here only: what the guest's first frames make would be four minutes old.
    slirp_pollfds_poll(slirp_, 1, Callbacks::get_events, this);
    for (;;) {
        std::uint32_t timeout_ms = UINT32_MAX;
        prepare_poll(timeout_ms);
        const int limit = timeout_ms > INT32_MAX ? -1 : static_cast<int>(timeout_ms);
        const int ready = poll(polls_.data(), polls_.size(), limit);
        if (ready < 0 && errno != EINTR) return;
        const short seen = ready > 0 ? polls_[0].revents : short{0};
        if ((seen & POLLOUT) != 0) flush_backlog();
        look_at_limits();
        if ((seen & (POLLIN | POLLHUP | POLLERR)) != 0 && !take_frames()) return;
        if (ready > 0) relay_->serve(polls_, host_monotonic_ms());
        slirp_pollfds_poll(slirp_, ready < 0 ? 1 : 0, Callbacks::get_events, this);
        fire_timer();
    }
}

void UserNetwork::prepare_poll(std::uint32_t& timeout_ms) {
    polls_.clear();
    const auto wanted = static_cast<short>(backlog_.empty() ? POLLIN : POLLIN | POLLOUT);
    polls_.push_back({.fd = socket_fd, .events = wanted, .revents = 0});
    relay_->add_polls(polls_);
    slirp_pollfds_fill(slirp_, &timeout_ms, Callbacks::add_poll, this);
    if (timer_due_ms_ < 0) return;
    const std::int64_t left = timer_due_ms_ - static_cast<std::int64_t>(host_monotonic_ms());
    timeout_ms = left <= 0 ? 0 : std::min(timeout_ms, static_cast<std::uint32_t>(left));
}

/// False: hv is gone.
bool UserNetwork::take_frames() {
    for (int budget = frames_per_turn; budget > 0; --budget) {
        const ssize_t size = recv(socket_fd, frame_.data(), frame_.size(), MSG_DONTWAIT);
        if (size < 0) return errno == EAGAIN || errno == EINTR;
        if (size == 0) return false;
        const std::span frame(frame_.data(), static_cast<std::size_t>(size));
        if (!complete_checksum(frame)) continue;
        take_frame(frame.subspan(sizeof(virtio_net_hdr_v1)));
    }
    return true;
}

void UserNetwork::look_at_limits() {
    if (!memory_) return;
    memory_state_ = memory_->look(host_monotonic_ms());
    const bool is_free = memory_state_ == MemoryWatch::State::free;
    while (!is_free || quota_->is_short(SocketKind::incoming) || quota_->is_short(SocketKind::outgoing)) {
        const std::vector<std::byte> reset = closing_.forget_one(host_monotonic_ms());
        if (reset.empty()) break;
        hand_to_libslirp(reset);
    }
    quota_->close_all(!is_free);
}

void UserNetwork::take_frame(Bytes frame) {
    const auto kind = admit(frame);
    if (!kind) return;
    relay_->learn(frame);
    switch (*kind) {
        case FrameKind::arp: return hand_to_libslirp(frame);
        case FrameKind::ipv4:
        case FrameKind::ipv6: return take_packet(frame, *kind);
        case FrameKind::ipv4_fragment: break;
    }
    if (memory_state_ != MemoryWatch::State::free) return;
    const std::vector<std::byte> whole = reassembly_.add(frame, host_monotonic_ms());
    if (!whole.empty()) take_packet(whole, FrameKind::ipv4);
}

void UserNetwork::take_packet(Bytes frame, FrameKind kind) {
    if (relay_->take(frame, host_monotonic_ms())) return;
    const auto segment = read_tcp(frame, kind);
    if (memory_state_ != MemoryWatch::State::full) {
        hand_to_libslirp(frame);
        if (segment) closing_.taken_from_guest(frame, kind, *segment, host_monotonic_ms());
        return;
    }
    // Datagrams can be lost. What libslirp holds for a connection would stay: it is reset, which the guest hears of
    // with its next segment.
    if (!segment) return;
    if (segment->has(tcp_rst)) return hand_to_libslirp(frame);
    hand_to_libslirp(make_reset(frame, kind, *segment, segment->sequence));
}

void UserNetwork::hand_to_libslirp(Bytes frame) {
    slirp_input(slirp_, reinterpret_cast<const std::uint8_t*>(frame.data()), static_cast<int>(frame.size()));
}

void UserNetwork::send_frame(const void* frame, std::size_t size) {
    virtio_net_hdr_v1 header{};
    header.num_buffers = 1;
    if (backlog_.empty()) {
        iovec parts[] = {{.iov_base = &header, .iov_len = sizeof header},
                         {.iov_base = const_cast<void*>(frame), .iov_len = size}};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = std::size(parts);
        if (sendmsg(socket_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != EAGAIN) return;
    }
    if (backlog_.size() == backlog_limit) return;
    std::vector<std::byte> waiting(sizeof header + size);
    std::memcpy(waiting.data(), &header, sizeof header);
    std::memcpy(waiting.data() + sizeof header, frame, size);
    backlog_.push_back(std::move(waiting));
}

void UserNetwork::flush_backlog() {
    while (!backlog_.empty()) {
        const auto& frame = backlog_.front();
        if (send(socket_fd, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EAGAIN) return;
        backlog_.pop_front();
    }
}

void UserNetwork::fire_timer() {
    if (timer_due_ms_ < 0 || timer_due_ms_ > static_cast<std::int64_t>(host_monotonic_ms())) return;
    timer_due_ms_ = -1;
    timer_callback_(timer_argument_);
}

}  // namespace hv::slirp
