// SPDX-License-Identifier: Apache-2.0
// The base class of sockets: a file with readiness, options that all kinds share, and blocking calls.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <span>

#include "kernel/base/intrusive_list.h"
#include "kernel/net/core_lock.h"
#include "kernel/time/clock.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/event.h"
#include "userland/posix/file.h"
#include "userland/posix/interruption.h"
#include "userland/posix/net/endpoint.h"
#include "userland/posix/net/open_sockets.h"
#include "userland/posix/net/parts.h"
#include "userland/posix/net/socket_file.h"

struct netif;

namespace tenon::posix {

/// Arguments of send(), sendto() and sendmsg().
struct OutgoingMessage {
    std::span<const iovec> parts;
    const Endpoint* to = nullptr;
    std::span<const std::byte> control{};
    int flags = 0;
};

/// Arguments of recv(), recvfrom() and recvmsg(), and their results besides the bytes.
struct IncomingMessage {
    std::span<const iovec> parts;
    int flags = 0;
    std::span<std::byte> control{};  ///< room for control messages
    std::size_t control_size = 0;    ///< of those that were stored
    int result_flags = 0;            ///< MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE
    bool has_from = false;
    Endpoint from{};
};

/// Options of SOL_SOCKET and of IP that every kind of socket keeps, whether it has a control block or not.
struct SocketOptions {
    bool reuse_address = false;
    bool reuse_port = false;
    bool keep_alive = false;
    bool broadcast = false;
    bool v6_only = false;
    bool out_of_band_inline = false;
    bool dont_route = false;
    bool debug = false;
    bool no_check = false;
    bool receive_errors = false;   ///< IP_RECVERR
    bool receive_errors6 = false;  ///< IPV6_RECVERR
    bool packet_info = false;      ///< IP_PKTINFO
    bool packet_info6 = false;     ///< IPV6_RECVPKTINFO
    bool receive_ttl = false;
    bool receive_hop_limit = false;
    bool receive_tos = false;
    bool receive_traffic_class = false;
    bool timestamp = false;            ///< SO_TIMESTAMP
    bool timestamp_ns = false;         ///< SO_TIMESTAMPNS
    bool count_drops = false;          ///< SO_RXQ_OVFL
    bool select_errors = false;        ///< SO_SELECT_ERR_QUEUE
    bool free_bind = false;            ///< IP_FREEBIND
    bool header_included = false;      ///< IP_HDRINCL
    bool automatic_flow_label = true;  ///< IPV6_AUTOFLOWLABEL, without effect
    bool multicast_loop = true;
    bool multicast_loop6 = true;
    bool multicast_all = true;  ///< also datagrams to groups that only other sockets have joined
    bool multicast_all6 = true;
    bool bind_without_port = false;  ///< IP_BIND_ADDRESS_NO_PORT
    bool dont_fragment6 = false;     ///< IPV6_DONTFRAG
    bool receive_options = false;    ///< IP_RECVOPTS
    bool return_options = false;     ///< IP_RETOPTS
    bool receive_path_mtu = false;   ///< IPV6_RECVPATHMTU
    int linger = -1;                 ///< s; -1: off
    int priority = 0;
    int busy_poll = 0;  ///< SO_BUSY_POLL, µs, without effect
    int mark = 0;
    int ttl = -1;  ///< -1: the system's
    int hop_limit = -1;
    int tos = 0;
    int traffic_class = 0;
    int multicast_ttl = 1;
    int multicast_hops = -1;
    int mtu_discovery = 1;  ///< IP_PMTUDISC_WANT
    int mtu_discovery6 = 1;
    std::uint32_t receive_limit = 212992;  ///< bytes, as the program asked for them and doubled (Linux, socket(7))
    std::uint32_t send_limit = 212992;
    bool receive_limit_set = false;  ///< by the program: the window stays as it is
    bool send_limit_set = false;
    std::uint32_t receive_low = 1;    ///< SO_RCVLOWAT
    Nanoseconds receive_timeout = 0;  ///< 0: none
    Nanoseconds send_timeout = 0;
    std::uint8_t interface = 0;  ///< SO_BINDTODEVICE; 0: any
    std::uint8_t multicast_interface = 0;
    std::uint8_t multicast_interface6 = 0;
    std::uint32_t multicast_source = 0;  ///< IP_MULTICAST_IF's address
};

/// State, addresses and errno are kept here; lwIP's control block may be replaced or freed at any time, and its
/// callbacks then set the pointer to it to null. Everything but File's own members is used with the core lock held.
class Socket : public SocketFile, public ListLink<OpenSocketTag> {
public:
    /// A new socket; `flags`: O_NONBLOCK or 0. Errors: EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EINVAL, ENOMEM.
    static Outcome<FileReference> open(int family, int type, int protocol, int flags);
    static Socket& cast(const FileReference& file) { return static_cast<Socket&>(*file); }

    virtual Outcome<> bind(const Endpoint& local) = 0;
    virtual Outcome<> connect(const Endpoint& peer) = 0;
    /// connect() with AF_UNSPEC.
    virtual Outcome<> disconnect() = 0;
    Outcome<> listen(int) override { return fail_with(EOPNOTSUPP); }
    /// The new socket; its peer is peer_name().
    virtual Outcome<FileReference> accept(int) { return fail_with(EOPNOTSUPP); }
    virtual Outcome<std::size_t> send(const OutgoingMessage& message) = 0;
    virtual Outcome<std::size_t> receive(IncomingMessage& message) = 0;
    [[nodiscard]] virtual Endpoint local_name() = 0;
    /// Error: ENOTCONN.
    [[nodiscard]] virtual Outcome<Endpoint> peer_name() = 0;

    /// Errors: ENOPROTOOPT, EINVAL, EDOM, ...
    Outcome<> set_option(int level, int option, std::span<const std::byte> value) final;
    Outcome<> get_option(int level, int option, OptionValue& value);

    // The same with addresses as the program has them.
    Outcome<> bind_address(const sockaddr* address, socklen_t size) final;
    Outcome<> connect_address(const sockaddr* address, socklen_t size) final;
    Outcome<FileReference> accept_connection(int flags, sockaddr* address, socklen_t* size) final;
    Outcome<> give_name(bool peer, sockaddr* address, socklen_t* size) final;
    Outcome<std::size_t> send_message(const msghdr& message, int flags) final;
    Outcome<std::size_t> receive_message(msghdr& message, int flags) final;

    Outcome<std::size_t> read(std::span<std::byte> buffer) final;
    Outcome<std::size_t> write(std::span<const std::byte> data) final;
    Outcome<std::size_t> read_parts(std::span<const iovec> parts) final;
    Outcome<std::size_t> write_parts(std::span<const iovec> parts) final;
    Outcome<> status(struct stat& status) final;
    Outcome<int> control(unsigned long request, void* argument) final;
    short readiness() final { return ready_.load(std::memory_order_acquire); }
    void closed() final;
    void destroy() final;

    /// For the machine's end: as if the last descriptor were closed, without lingering.
    void close_at_end();

    /// Moves unread data out of the devices' receive buffers, for which others wait. With the core lock held.
    virtual void leave_device_buffers() = 0;

    /// Has blocked calls look again. With the core lock held.
    void wake_calls() {
        input_.signal();
        output_.signal();
    }

    [[nodiscard]] int family() const { return family_; }
    [[nodiscard]] int type() const { return type_; }
    [[nodiscard]] int protocol() const { return protocol_; }
    [[nodiscard]] const SocketOptions& options() const { return options_; }
    /// The address from bind() or the system; without a port the socket is not bound.
    [[nodiscard]] const Endpoint& binding() const { return local_; }
    [[nodiscard]] bool is_bound() const { return local_.port != 0; }
    [[nodiscard]] virtual bool is_listening() const { return false; }

protected:
    Socket(int family, int type, int protocol)
        : SocketFile(O_RDWR, false),
          local_(wildcard(family, false)),
          family_(family),
          type_(type),
          protocol_(protocol) {}

    // For each kind of socket to define.
    virtual void close_now() = 0;
    /// After close_now(), without the core lock: waits as SO_LINGER says.
    virtual void linger() {}
    virtual void destroy_object() = 0;
    [[nodiscard]] virtual short compute_readiness() const = 0;
    [[nodiscard]] virtual std::size_t unread_size() const = 0;           ///< FIONREAD
    [[nodiscard]] virtual std::size_t unsent_size() const { return 0; }  ///< TIOCOUTQ
    /// The options of its own level. ENOPROTOOPT: it has no such option.
    virtual Outcome<> set_protocol_option(int level, int option, int value, std::span<const std::byte> bytes);
    virtual Outcome<> get_protocol_option(int level, int option, OptionValue& value);
    /// options_ has changed: updates the control block.
    virtual void apply_options() = 0;

    /// The state has changed: recomputes the readiness and wakes the threads that wait for it.
    void changed();
    [[nodiscard]] Outcome<> take_error() {
        if (error_ == 0) return {};
        const int error = error_;
        error_ = 0;
        return fail_with(error);
    }

    /// Calls attempt() with the core lock held until its result is not EAGAIN, or `timeout` (ns; 0: none) is over; once
    /// only if the call must not block. Waits for `event` in between. Error: EINTR, if a signal's handler ran.
    template <typename Attempt>
    auto block(Event& event, Nanoseconds timeout, bool may_block, Attempt&& attempt) -> decltype(attempt()) {
        Nanoseconds deadline = timeout == 0 ? no_deadline : 0;
        for (;;) {
            const std::uint32_t seen = event.value();
            {
                const net::CoreLock lock;
                if (is_closed_) return fail_with(EBADF);
                auto result = attempt();
                if (result || result.error().code != EAGAIN || !may_block) return result;
            }
            // Linux: a call with a time limit is not restarted.
            const Interruption signalled = interruption();
            if (signalled == Interruption::interrupt || (signalled == Interruption::restart && timeout != 0))
                return fail_with(EINTR);
            if (deadline == 0) deadline = monotonic_now() + timeout;
            if (event.wait(seen, deadline) == WaitResult::timed_out) may_block = false;
        }
    }
    [[nodiscard]] bool may_block(int flags) const { return !nonblocking() && (flags & MSG_DONTWAIT) == 0; }

    SocketOptions options_{};
    Endpoint local_;
    Event input_;    ///< signalled when there is more to read or accept
    Event output_;   ///< signalled when there is more room, or the connection's state has changed
    int error_ = 0;  ///< SO_ERROR
    bool is_closed_ = false;

private:
    friend struct OptionAccess;
    [[nodiscard]] bool has_ip_options(int level) const;
    Outcome<> set_common_option(int option, int value, std::span<const std::byte> bytes);
    Outcome<> get_common_option(int option, OptionValue& value);

    int family_, type_, protocol_;
    std::atomic<short> ready_ = 0;
};

}  // namespace tenon::posix
