// SPDX-License-Identifier: Apache-2.0
// The loss recovery of lwIP's connections: what lwIP reports, what it is to send, and the alarms of all in one timer.
#include "kernel/net/tcp/sender.h"

#include <algorithm>
#include <array>
#include <new>

#include "kernel/base/intrusive_list.h"
#include "kernel/net/tcp/acknowledgements.h"
#include "kernel/time/clock.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
// lwIP's headers do not include each other in every order.
#include "hooks.h"

namespace tenon::net {
namespace {

/// Made when a connection first sends data: idle ones take no memory for it.
struct Sender : ListLink<> {
    Sender(tcp_pcb& of, const LossRecovery::Start& start) : pcb(of), recovery(start) { ++count; }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    ~Sender() { --count; }

    static inline constinit std::size_t count = 0;
    tcp_pcb& pcb;
    LossRecovery recovery;
};

constinit IntrusiveList<Sender> with_alarm;
constinit bool timer_runs = false;
constinit Microseconds timer_rings = 0;

Sender* sender_of(const tcp_pcb* pcb) { return static_cast<Sender*>(pcb->sender); }

Microseconds now() { return static_cast<Microseconds>(monotonic_now() / 1000); }

void timer_rang(void*);

void start_timer(Microseconds time) {
    if (timer_runs && !before(time, timer_rings)) return;
    if (timer_runs) sys_untimeout(timer_rang, nullptr);
    timer_runs = true;
    timer_rings = time;
    const Microseconds at = now();
    sys_timeout(before(at, time) ? (time - at + 999) / 1000 : 0, timer_rang, nullptr);
}

/// lwIP and the sockets read the window in the control block.
void update(Sender& sender) {
    sender.pcb.cwnd = sender.recovery.window();
    sender.pcb.ssthresh = sender.recovery.threshold();
    if (sender.recovery.alarm() == LossRecovery::Alarm::none) return;
    if (!sender.linked()) with_alarm.push_back(sender);
    start_timer(sender.recovery.alarm_time());
}

/// New data, or else the last segment again.
void send_probe(Sender& sender) {
    tcp_pcb& pcb = sender.pcb;
    LossRecovery& recovery = sender.recovery;
    const Sequence end = recovery.flight().end();
    (void)tcp_output(&pcb);
    const bool was_new = recovery.flight().end() != end;
    if (!was_new && pcb.unacked != nullptr) {
        const tcp_seg* last = pcb.unacked;
        while (last->next != nullptr) last = last->next;
        const Sequence begin =
            end - std::min<std::uint32_t>({TCP_TCPLEN(last), pcb.mss, recovery.flight().outstanding()});
        const u16_t size = tcp_rexmit_range(&pcb, begin, end - begin);
        if (size != 0) recovery.resent({begin, begin + size}, now());
    }
    recovery.probe_sent(was_new);
    pcb.rtime = 0;
}

void timer_rang(void*) {
    timer_runs = false;
    const Microseconds at = now();
    with_alarm.for_each([at](Sender& sender) {
        LossRecovery& recovery = sender.recovery;
        if (recovery.alarm() != LossRecovery::Alarm::none && !before(at, recovery.alarm_time())) {
            recovery.alarm_rang(at);
            if (recovery.wants_probe())
                send_probe(sender);
            else
                (void)tcp_output(&sender.pcb);
        }
        if (recovery.alarm() == LossRecovery::Alarm::none) with_alarm.remove(sender);
        update(sender);
    });
}

Sender* begin_sending(tcp_pcb* pcb, u32_t begin) {
    auto* sender = new (std::nothrow) Sender(*pcb, {.next = begin,
                                                    .segment = pcb->mss,
                                                    .window = pcb->cwnd,
                                                    .threshold = pcb->ssthresh,
                                                    .sack = (pcb->flags & TF_SACK) != 0});
    pcb->sender = sender;
    if (sender != nullptr && pcb->request_time != 0) sender->recovery.round_trip_was(pcb->request_time);
    return sender;
}

}  // namespace

const LossRecovery* loss_recovery_of(const tcp_pcb& pcb) {
    const Sender* sender = sender_of(&pcb);
    return sender != nullptr ? &sender->recovery : nullptr;
}

std::size_t sender_count() { return Sender::count; }

}  // namespace tenon::net

using namespace tenon::net;

void tenon_net_tcp_requested(tcp_pcb* pcb) { pcb->request_time = now(); }

void tenon_net_tcp_established(tcp_pcb* pcb) {
    // Of a request that was sent twice it is not known which one was answered (Karn).
    pcb->request_time =
        pcb->nrtx == 0 && pcb->request_time != 0 ? std::max(now() - pcb->request_time, Microseconds{1}) : 0;
}

void tenon_net_tcp_sent(tcp_pcb* pcb, u32_t begin, u32_t end) {
    Sender* sender = sender_of(pcb);
    if (sender == nullptr) sender = begin_sending(pcb, begin);
    if (sender == nullptr) return;
    sender->recovery.sent(end, now());
    update(*sender);
}

void tenon_net_tcp_acknowledged(tcp_pcb* pcb, u32_t number, const tcp_sack_range* blocks, u8_t count, int repeated) {
    Sender* sender = sender_of(pcb);
    if (sender == nullptr) return;
    std::array<SequenceRange, 4> ranges{};
    count = static_cast<u8_t>(std::min<std::size_t>(count, ranges.size()));
    for (u8_t i = 0; i < count; ++i) ranges[i] = {blocks[i].left, blocks[i].right};
    sender->recovery.set_segment(pcb->mss);
    sender->recovery.acknowledged(
        {.number = number, .blocks = std::span(ranges).first(count), .repeated = repeated != 0}, now());
    update(*sender);
}

void tenon_net_tcp_resend(tcp_pcb* pcb) {
    Sender* sender = sender_of(pcb);
    if (sender == nullptr || sender->recovery.flight().lost() == 0) return;
    const Microseconds at = now();
    for (;;) {
        const SequenceRange range = sender->recovery.to_resend();
        if (range.size() == 0) return;
        const u16_t size = tcp_rexmit_range(pcb, range.begin, range.size());
        if (size == 0) return;
        sender->recovery.resent({range.begin, range.begin + size}, at);
    }
}

u32_t tenon_net_tcp_sendable(const tcp_pcb* pcb) {
    const Sender* sender = sender_of(pcb);
    return sender != nullptr ? sender->recovery.sendable() : pcb->cwnd;
}

int tenon_net_tcp_timed_out(tcp_pcb* pcb) {
    Sender* sender = sender_of(pcb);
    if (sender == nullptr || sender->recovery.flight().empty() || pcb->unacked == nullptr) return 0;
    if ((TCPH_FLAGS(pcb->unacked->tcphdr) & TCP_SYN) != 0) return 0;
    sender->recovery.timed_out();
    update(*sender);
    return 1;
}

s16_t tenon_net_tcp_timeout(const tcp_pcb* pcb) {
    constexpr Microseconds tick = TCP_SLOW_INTERVAL * 1000, longest = 120'000'000;
    const Sender* sender = sender_of(pcb);
    if (sender == nullptr || !sender->recovery.round_trip().known()) return LWIP_TCP_RTO_TIME / TCP_SLOW_INTERVAL;
    // The first tick may come at once.
    return static_cast<s16_t>((std::min(sender->recovery.round_trip().timeout(), longest) + tick - 1) / tick + 1);
}

void tenon_net_tcp_forget(tcp_pcb* pcb) {
    forget_acknowledgement(*pcb);
    Sender* sender = sender_of(pcb);
    if (sender == nullptr) return;
    pcb->sender = nullptr;
    if (sender->linked()) with_alarm.remove(*sender);
    delete sender;
}
