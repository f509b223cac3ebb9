// SPDX-License-Identifier: Apache-2.0
// Options of IPPROTO_TCP (tcp(7)).
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "kernel/net/tcp/sender.h"
#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/interface_flags.h"
#include "userland/posix/net/tcp_socket.h"

namespace tenon::posix {
namespace {

constexpr std::string_view congestion_control = "cubic";
constexpr int usual_linger2 = 60;  // s
constexpr int longest_keep_time = 32767, most_keep_count = 127, most_syn_count = 127;

/// Linux's numbers for the states of a connection.
std::uint8_t state_of(tcp_state state) {
    switch (state) {
        case ESTABLISHED: return TCP_ESTABLISHED;
        case SYN_SENT: return TCP_SYN_SENT;
        case SYN_RCVD: return TCP_SYN_RECV;
        case FIN_WAIT_1: return TCP_FIN_WAIT1;
        case FIN_WAIT_2: return TCP_FIN_WAIT2;
        case TIME_WAIT: return TCP_TIME_WAIT;
        case CLOSE_WAIT: return TCP_CLOSE_WAIT;
        case LAST_ACK: return TCP_LAST_ACK;
        case LISTEN: return TCP_LISTEN;
        case CLOSING: return TCP_CLOSING;
        case CLOSED: break;
    }
    return TCP_CLOSE;
}

constexpr std::uint32_t microseconds_per_tick = TCP_SLOW_INTERVAL * 1000u;

/// Linux counts this time in retransmissions, whose intervals are 1 s, 2 s, 4 s and so on (secs_to_retrans).
int whole_retransmissions(int seconds) {
    constexpr int longest_interval = 120;
    int whole = 0;
    for (int interval = 1; whole < seconds; interval = std::min(interval * 2, longest_interval)) whole += interval;
    return whole;
}

/// Linux's value before the first loss.
constexpr std::uint32_t no_threshold = 0x7FFFFFFF;
constexpr std::uint32_t usual_reordering = 3;

/// Linux's guess before it has received data, and its least one.
constexpr std::uint32_t least_received_segment = 536;
constexpr std::uint32_t acknowledgement_delay = TCP_TMR_INTERVAL * 1000u;

std::uint32_t segments_of(std::uint32_t bytes, const tcp_pcb& pcb) {
    const std::uint32_t segment = std::max<u16_t>(pcb.mss, 1);
    return (bytes + segment - 1) / segment;
}

/// What is known once data was sent.
void tell_recovery(const net::LossRecovery& recovery, const tcp_pcb& pcb, tcp_info& info) {
    const net::Flight& flight = recovery.flight();
    const std::uint32_t resent = flight.resent_in_network();
    info.tcpi_ca_state = static_cast<std::uint8_t>(recovery.state());
    info.tcpi_sacked = segments_of(flight.sacked(), pcb);
    info.tcpi_retrans = segments_of(resent, pcb);
    // Linux: what was lost counts until it arrives, also when it has been sent again.
    info.tcpi_lost = segments_of(flight.lost() + resent, pcb);
    info.tcpi_total_retrans += recovery.retransmissions();
    info.tcpi_rtt = recovery.round_trip().smoothed();
    info.tcpi_rttvar = recovery.round_trip().variation();
}

/// Of a connection.
tcp_info information_of(const tcp_pcb* pcb, const TcpTimes& times) {
    tcp_info info{};
    info.tcpi_state = TCP_CLOSE;
    if (pcb == nullptr) return info;
    info.tcpi_state = state_of(pcb->state);
    info.tcpi_retransmits = pcb->nrtx;
    info.tcpi_probes = pcb->persist_probe;
    info.tcpi_options = static_cast<std::uint8_t>(((pcb->flags & TF_WND_SCALE) != 0 ? TCPI_OPT_WSCALE : 0) |
                                                  ((pcb->flags & TF_SACK) != 0 ? TCPI_OPT_SACK : 0));
    info.tcpi_snd_wscale = pcb->snd_scale & 15;
    info.tcpi_rcv_wscale = pcb->rcv_scale & 15;
    info.tcpi_rto = static_cast<std::uint32_t>(std::max<s16_t>(pcb->rto, 1)) * microseconds_per_tick;
    info.tcpi_ato = times.largest_received != 0 ? acknowledgement_delay : 0;
    info.tcpi_snd_mss = pcb->mss;
    info.tcpi_advmss = tcp_eff_send_mss(TCP_MSS, &pcb->local_ip, &pcb->remote_ip);
    // The device joins segments to frames that are larger than any of them.
    info.tcpi_rcv_mss = std::clamp<std::uint32_t>(times.largest_received, least_received_segment, info.tcpi_advmss);
    info.tcpi_rtt = pcb->request_time;
    info.tcpi_rttvar = pcb->request_time / 2;
    info.tcpi_total_retrans = pcb->state == SYN_SENT ? pcb->nrtx : times.requests;
    if (const net::LossRecovery* recovery = net::loss_recovery_of(*pcb); recovery != nullptr)
        tell_recovery(*recovery, *pcb, info);
    info.tcpi_rtt = std::max(info.tcpi_rtt, 1u);
    info.tcpi_rttvar = std::max(info.tcpi_rttvar, 1u);
    info.tcpi_snd_ssthresh = pcb->ssthresh >= TCP_SND_BUF ? no_threshold : pcb->ssthresh / std::max<u16_t>(pcb->mss, 1);
    info.tcpi_snd_cwnd = pcb->cwnd / std::max<u16_t>(pcb->mss, 1);
    info.tcpi_unacked = segments_of(pcb->snd_nxt - pcb->lastack, *pcb);
    info.tcpi_rcv_space = pcb->rcv_wnd;
    info.tcpi_rcv_ssthresh = pcb->rcv_max;
    info.tcpi_backoff = pcb->persist_backoff > 1 ? static_cast<std::uint8_t>(pcb->persist_backoff - 1) : pcb->nrtx;
    info.tcpi_reordering = usual_reordering;
    const netif* interface = ip_route(&pcb->local_ip, &pcb->remote_ip);
    info.tcpi_pmtu = interface != nullptr ? mtu_of(*interface) : 0u;
    const std::uint32_t now = sys_now();
    info.tcpi_last_data_sent = now - times.sent;
    info.tcpi_last_data_recv = now - times.received;
    info.tcpi_last_ack_recv = now - times.acknowledged;
    return info;
}

}  // namespace

tcp_info TcpSocket::information() const {
    if (listener_ == nullptr) return information_of(pcb_, times_);
    // Linux: connections that wait, and how many may.
    tcp_info info{};
    info.tcpi_state = TCP_LISTEN;
    info.tcpi_unacked = queued_;
    info.tcpi_sacked = backlog_;
    return info;
}

void TcpSocket::apply_options() {
    if (pcb_ == nullptr) return;
    tcp_pcb& pcb = *pcb_;
    if (options_.keep_alive)
        ip_set_option(&pcb, SOF_KEEPALIVE);
    else
        ip_reset_option(&pcb, SOF_KEEPALIVE);
    if (options_.reuse_address)
        ip_set_option(&pcb, SOF_REUSEADDR);
    else
        ip_reset_option(&pcb, SOF_REUSEADDR);
    if (tcp_options_.no_delay)
        tcp_nagle_disable(&pcb);
    else
        tcp_nagle_enable(&pcb);
    const bool v6 = IP_IS_V6_VAL(pcb.remote_ip);
    const int ttl = v6 ? options_.hop_limit : options_.ttl;
    pcb.ttl = static_cast<u8_t>(ttl == -1 ? TCP_TTL : ttl);
    pcb.tos = static_cast<u8_t>(v6 ? options_.traffic_class : options_.tos);
    pcb.netif_idx = options_.interface;
    pcb.keep_idle = static_cast<u32_t>(tcp_options_.keep_idle) * 1000;
    pcb.keep_intvl = static_cast<u32_t>(tcp_options_.keep_interval) * 1000;
    pcb.keep_cnt = static_cast<u32_t>(tcp_options_.keep_count);
}

Outcome<> TcpSocket::set_tcp_option(int option, int value) {
    const auto within = [&](int& target, int least, int most) -> Outcome<> {
        if (value < least || value > most) return fail_with(EINVAL);
        target = value;
        return {};
    };
    switch (option) {
        case TCP_NODELAY:
            tcp_options_.no_delay = value != 0;
            if (tcp_options_.no_delay && pcb_ != nullptr) {
                tcp_nagle_disable(pcb_);
                (void)tcp_output(pcb_);
            }
            return {};
        case TCP_CORK:
            tcp_options_.cork = value != 0;
            if (!tcp_options_.cork && pcb_ != nullptr) (void)tcp_output(pcb_);
            return {};
        case TCP_QUICKACK:
            tcp_options_.quick_ack = value != 0;
            // An acknowledgement that waits is sent now.
            if (value != 0 && pcb_ != nullptr && (pcb_->flags & TF_ACK_DELAY) != 0) {
                tcp_ack_now(pcb_);
                (void)tcp_output(pcb_);
            }
            return {};
        case TCP_KEEPIDLE: return within(tcp_options_.keep_idle, 1, longest_keep_time);
        case TCP_KEEPINTVL: return within(tcp_options_.keep_interval, 1, longest_keep_time);
        case TCP_KEEPCNT: return within(tcp_options_.keep_count, 1, most_keep_count);
        case TCP_SYNCNT: return within(tcp_options_.syn_count, 1, most_syn_count);
        case TCP_LINGER2: tcp_options_.linger2 = value < 0 ? -1 : std::min(value, 120); return {};
        case TCP_DEFER_ACCEPT: tcp_options_.defer_accept = whole_retransmissions(value); return {};
        case TCP_WINDOW_CLAMP: tcp_options_.window_clamp = std::max(value, 0); return {};
        case TCP_MAXSEG:
            if (value != 0 && (value < 88 || value > 32767)) return fail_with(EINVAL);
            tcp_options_.maximum_segment = value;
            return {};
        case TCP_USER_TIMEOUT:
            if (value < 0) return fail_with(EINVAL);
            tcp_options_.user_timeout = static_cast<unsigned>(value);
            return {};
        case TCP_NOTSENT_LOWAT: tcp_options_.not_sent_low = static_cast<unsigned>(value); return {};
        case TCP_FASTOPEN:
            if (value < 0 || (established_ || pcb_ != nullptr)) return fail_with(EINVAL);
            tcp_options_.fast_open = value;
            return {};
        case TCP_FASTOPEN_CONNECT:
            if (pcb_ != nullptr || listener_ != nullptr) return fail_with(EINVAL);
            return within(tcp_options_.fast_open_connect, 0, 1);
        case TCP_INQ: return within(tcp_options_.tell_unread, 0, 1);
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> TcpSocket::set_protocol_option(int level, int option, int value, std::span<const std::byte> bytes) {
    if (level != IPPROTO_TCP) return fail_with(ENOPROTOOPT);
    if (option == TCP_CONGESTION) {
        const std::string_view name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (name.empty()) return fail_with(EINVAL);
        // Linux has Reno too: in CUBIC's place nobody misses it.
        const std::string_view wanted = name.substr(0, name.find('\0'));
        if (wanted != congestion_control && wanted != "reno") return fail_with(ENOENT);
        return {};
    }
    if (bytes.size() < sizeof(int)) return fail_with(EINVAL);
    return set_tcp_option(option, value);
}

Outcome<> TcpSocket::get_protocol_option(int level, int option, OptionValue& value) {
    if (level != IPPROTO_TCP) return fail_with(ENOPROTOOPT);
    switch (option) {
        case TCP_NODELAY: value.set(tcp_options_.no_delay); return {};
        case TCP_CORK: value.set(tcp_options_.cork); return {};
        case TCP_QUICKACK: value.set(tcp_options_.quick_ack); return {};
        case TCP_KEEPIDLE: value.set(tcp_options_.keep_idle); return {};
        case TCP_KEEPINTVL: value.set(tcp_options_.keep_interval); return {};
        case TCP_KEEPCNT: value.set(tcp_options_.keep_count); return {};
        case TCP_SYNCNT: value.set(tcp_options_.syn_count); return {};
        case TCP_LINGER2: value.set(tcp_options_.linger2 == 0 ? usual_linger2 : tcp_options_.linger2); return {};
        case TCP_DEFER_ACCEPT: value.set(tcp_options_.defer_accept); return {};
        case TCP_WINDOW_CLAMP: value.set(tcp_options_.window_clamp); return {};
        case TCP_MAXSEG:
            value.set(pcb_ != nullptr && established_     ? pcb_->mss
                      : tcp_options_.maximum_segment != 0 ? tcp_options_.maximum_segment
                                                          : 536);
            return {};
        case TCP_USER_TIMEOUT: value.set(static_cast<int>(tcp_options_.user_timeout)); return {};
        case TCP_NOTSENT_LOWAT: value.set(static_cast<int>(tcp_options_.not_sent_low)); return {};
        case TCP_FASTOPEN: value.set(tcp_options_.fast_open); return {};
        case TCP_FASTOPEN_CONNECT: value.set(tcp_options_.fast_open_connect); return {};
        case TCP_INQ: value.set(tcp_options_.tell_unread); return {};
        case TCP_INFO: value.set_object(information()); return {};
        case TCP_CONGESTION: {
            // Linux: the name in a field of 16 bytes.
            std::memset(value.bytes, 0, 16);
            std::memcpy(value.bytes, congestion_control.data(), congestion_control.size());
            value.size = 16;
            return {};
        }
        default: return fail_with(ENOPROTOOPT);
    }
}

}  // namespace tenon::posix
