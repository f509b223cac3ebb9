// SPDX-License-Identifier: Apache-2.0
// Stream sockets over lwIP's raw TCP interface.
#pragma once

#include <netinet/tcp.h>

#include <algorithm>

#include "kernel/base/intrusive_list.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "userland/posix/net/socket.h"
#include "userland/posix/net/stream_queue.h"

namespace tenon::posix {

class TcpListener;
struct AcceptTag;
struct ListenTag;

/// Options of IPPROTO_TCP.
struct TcpOptions {
    bool no_delay = false;
    bool cork = false;
    bool quick_ack = true;
    int keep_idle = 7200;  ///< s
    int keep_interval = 75;
    int keep_count = 9;
    int syn_count = 6;
    int linger2 = 0;  ///< s; 0: the system's
    int defer_accept = 0;
    int fast_open = 0;
    int fast_open_connect = 0;
    int tell_unread = 0;  ///< TCP_INQ
    int window_clamp = 0;
    int maximum_segment = 0;
    unsigned user_timeout = 0;  ///< ms
    unsigned not_sent_low = 0xFFFFFFFF;
};

/// When something last happened to a connection.
struct TcpTimes {
    std::uint32_t sent = 0, received = 0, acknowledged = 0;  ///< sys_now(): ms
    std::uint32_t progress_tick = 0;  ///< tcp_ticks when the peer acknowledged `progress_at`, while data is outstanding
    std::uint32_t progress_at = 0;
    std::uint8_t requests = 0;           ///< of a connection, or answers to one, sent again
    std::uint16_t largest_received = 0;  ///< bytes of a segment
};

/// Also an element of the accept queue of the socket that listens.
class TcpSocket final : public Socket, public ListLink<AcceptTag>, public ListLink<ListenTag> {
public:
    static Outcome<FileReference> make(int family);

    Outcome<> bind(const Endpoint& local) override;
    Outcome<> connect(const Endpoint& peer) override;
    Outcome<> disconnect() override;
    Outcome<> listen(int backlog) override;
    Outcome<FileReference> accept(int flags) override;
    Outcome<> shutdown(int how) override;
    Outcome<std::size_t> send(const OutgoingMessage& message) override;
    Outcome<std::size_t> receive(IncomingMessage& message) override;
    Endpoint local_name() override;
    Outcome<Endpoint> peer_name() override;

    /// The connection's window, for a socket with SO_RCVBUF (Linux: half of it is for data).
    [[nodiscard]] tcpwnd_size_t receive_window() const {
        return std::min<tcpwnd_size_t>(std::max<tcpwnd_size_t>(options_.receive_limit / 2, TCP_MSS), TCP_WND);
    }
    [[nodiscard]] const TcpOptions& tcp_options() const { return tcp_options_; }
    [[nodiscard]] bool is_listening() const override { return listener_ != nullptr; }
    void leave_device_buffers() override;
    /// A router has reported that the attempt to connect cannot succeed.
    void connection_refused(int error);
    /// All written data has been acknowledged, the end included, or the connection is gone.
    [[nodiscard]] bool all_acknowledged() const;

private:
    friend class TcpListener;
    /// The progress of connect() (Linux: SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED).
    enum class Phase : std::uint8_t { unconnected, connecting, connected };

    explicit TcpSocket(int family) : Socket(family, SOCK_STREAM, IPPROTO_TCP) {}
    ~TcpSocket() = default;

    // Callbacks of lwIP; they are called with the core lock held.
    static err_t on_connected(void* self, tcp_pcb* pcb, err_t error);
    static err_t on_received(void* self, tcp_pcb* pcb, pbuf* chain, err_t error);
    static err_t on_sent(void* self, tcp_pcb* pcb, u16_t size);
    static err_t on_poll(void* self, tcp_pcb* pcb);
    static void on_error(void* self, err_t error);

    /// The connection is made: its times begin, and its segments get the size that the program has set.
    void begin_times(tcp_pcb& pcb);
    /// The first congestion window (RFC 6928), before anything is sent. lwIP's is that of RFC 2581.
    void begin_window(tcp_pcb& pcb) const;
    /// The error with which a time limit ends the connection, or 0.
    [[nodiscard]] int look_at_times(tcp_pcb& pcb);
    [[nodiscard]] int look_at_request(tcp_pcb& pcb) const;

    [[nodiscard]] Outcome<> make_control_block();
    void attach(tcp_pcb* pcb);
    /// Detaches lwIP's control block from the socket; the block continues on its own.
    tcp_pcb* detach();
    void drop_unread();
    void reset_connection();
    /// The connection has ended in both directions, as after Linux's tcp_done().
    void ended(int error);
    void end_of_input();
    [[nodiscard]] Outcome<> choose_port();
    [[nodiscard]] Outcome<> begin_connecting(const Endpoint& peer);
    [[nodiscard]] Outcome<> connection_made();
    // Of the control block, which is there.
    [[nodiscard]] std::size_t room(std::size_t share) const;
    [[nodiscard]] bool is_writable() const;
    [[nodiscard]] err_t queue(std::span<const std::byte> data, bool more, std::size_t share);
    [[nodiscard]] std::size_t write_some(Parts& from, bool more);
    void give_window_back(std::size_t size);
    void grow_window(std::size_t taken);
    [[nodiscard]] std::size_t send_limit(std::size_t share) const;
    [[nodiscard]] std::size_t take(IncomingMessage& message, Parts& to, std::size_t limit, std::size_t peeked);
    [[nodiscard]] Outcome<> reason_for_no_data();
    void tell_unread(IncomingMessage& message) const;
    void stop_listening();
    void inherit(const TcpSocket& listening, tcp_pcb& pcb);

    void close_now() override;
    void linger() override;
    void destroy_object() override { delete this; }
    [[nodiscard]] short compute_readiness() const override;
    [[nodiscard]] std::size_t unread_size() const override { return unread_.size(); }
    [[nodiscard]] std::size_t unsent_size() const override;
    void apply_options() override;
    Outcome<> set_protocol_option(int level, int option, int value, std::span<const std::byte> bytes) override;
    Outcome<> get_protocol_option(int level, int option, OptionValue& value) override;
    [[nodiscard]] Outcome<> set_tcp_option(int option, int value);
    [[nodiscard]] tcp_info information() const;

    tcp_pcb* pcb_ = nullptr;  // null: closed, listening, or the connection has ended
    TcpListener* listener_ = nullptr;
    Phase phase_ = Phase::unconnected;
    bool established_ = false;    // both ends agreed, and lwIP has not said that it is over
    bool was_connected_ = false;  // once: its end is an end of file, not an error
    bool receive_shut_ = false;   // by the peer, or by shutdown()
    bool send_shut_ = false;
    bool port_chosen_ = false;     // by bind(): it stays when a connection is dissolved
    bool address_chosen_ = false;  // by bind(): it stays when a connection is dissolved
    bool in_accept_queue_ = false;
    std::uint32_t taken_ = 0;    // bytes read since the window has grown
    std::uint32_t granted_ = 0;  // by which it has grown
    StreamQueue unread_;
    Endpoint peer_{};
    TcpOptions tcp_options_{};
    TcpTimes times_{};
    // Of a socket that listens.
    IntrusiveList<TcpSocket, AcceptTag> accept_queue_;
    std::uint32_t queued_ = 0, backlog_ = 0;
};

}  // namespace tenon::posix
