// SPDX-License-Identifier: Apache-2.0
// lwIP's timeouts, in place of its timeouts.c. They use a kernel timer, so that any thread that holds the core lock can
// start one. The stack's cyclic timers run only while they have something to do: lwIP's own would wake an idle machine
// ten times a second.
#include <cstddef>
#include <cstdint>
#include <new>

#include "kernel/console/console.h"
#include "kernel/time/timer.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcpip.h"
#include "lwip/timeouts.h"

namespace tenon::net {
namespace {

constexpr Nanoseconds millisecond = 1'000'000;

struct Timeout {
    Timeout* next;
    Nanoseconds deadline;
    sys_timeout_handler handler;
    void* argument;
};

// All are used with the core lock held.
constinit Timeout* timeouts = nullptr;  // the earliest first
constinit Timer* alarm_clock = nullptr;
constinit Nanoseconds alarm_deadline = no_deadline;  // of alarm_clock, which may have fired since
constinit tcpip_callback_msg* run_message = nullptr;

/// In interrupt context: wakes the network thread. If its mailbox is full, it is awake, and checks timeouts before it
/// sleeps.
void ring(void*) { (void)tcpip_callbackmsg_trycallback_fromisr(run_message); }

void run(void*) { sys_check_timeouts(); }

void set_alarm() {
    if (alarm_clock == nullptr) return;  // the network thread has not started yet, and will set it
    if (timeouts == nullptr || alarm_deadline == timeouts->deadline) return;
    alarm_deadline = timeouts->deadline;
    alarm_clock->start(alarm_deadline);
}

void insert(Timeout& timeout) {
    Timeout** place = &timeouts;
    while (*place != nullptr && (*place)->deadline <= timeout.deadline) place = &(*place)->next;
    timeout.next = *place;
    *place = &timeout;
    if (place == &timeouts) set_alarm();
}

// The stack's own timers.

bool always() { return true; }

bool tcp_has_connections() { return tcp_active_pcbs != nullptr || tcp_tw_pcbs != nullptr; }

bool dhcp_waits_for_an_answer() {
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next)
        if (const dhcp* client = netif_dhcp_data(interface); client != nullptr && client->request_timeout != 0)
            return true;
    return false;
}

bool igmp_has_a_report_to_send() {
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next)
        for (const igmp_group* group = netif_igmp_data(interface); group != nullptr; group = group->next)
            if (group->timer != 0) return true;
    return false;
}

bool mld_has_a_report_to_send() {
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next)
        for (const mld_group* group = netif_mld6_data(interface); group != nullptr; group = group->next)
            if (group->timer != 0) return true;
    return false;
}

/// Timers of one second, which share a wake-up.
void housekeeping() {
    ip_reass_tmr();
    etharp_tmr();
    nd6_tmr();
    ip6_reass_tmr();
    dns_tmr();
    dhcp_coarse_tmr();
}
static_assert(IP_TMR_INTERVAL == 1000 && ARP_TMR_INTERVAL == 1000 && ND6_TMR_INTERVAL == 1000 &&
              IP6_REASS_TMR_INTERVAL == 1000 && DNS_TMR_INTERVAL == 1000 && DHCP_COARSE_TIMER_MSECS == 1000);

struct Cyclic {
    std::uint32_t interval_ms;
    void (*handler)();
    bool (*needed)();
    bool running = false;
};
constinit Cyclic cyclic_timers[] = {
    {TCP_TMR_INTERVAL, tcp_tmr, tcp_has_connections},
    {1000, housekeeping, always},
    {DHCP_FINE_TIMER_MSECS, dhcp_fine_tmr, dhcp_waits_for_an_answer},
    {IGMP_TMR_INTERVAL, igmp_tmr, igmp_has_a_report_to_send},
    {MLD6_TMR_INTERVAL, mld6_tmr, mld_has_a_report_to_send},
};

void start_cyclic(Cyclic& timer);

void cyclic_fired(void* argument) {
    auto& timer = *static_cast<Cyclic*>(argument);
    timer.running = false;
    timer.handler();
    start_cyclic(timer);
}

void start_cyclic(Cyclic& timer) {
    if (timer.running || !timer.needed()) return;
    timer.running = true;
    sys_timeout(timer.interval_ms, cyclic_fired, &timer);
}

void start_needed_timers() {
    for (Cyclic& timer : cyclic_timers) start_cyclic(timer);
}

}  // namespace
}  // namespace tenon::net

using namespace tenon::net;

void sys_timeouts_init(void) {}

void sys_timeout(u32_t milliseconds, sys_timeout_handler handler, void* argument) {
    auto* timeout =
        new (std::nothrow) Timeout{nullptr, tenon::monotonic_now() + milliseconds * millisecond, handler, argument};
    if (timeout == nullptr) {
        // The caller cannot handle an error: a connection may hang.
        tenon::warn("network: no memory for a timer");
        return;
    }
    insert(*timeout);
}

void sys_untimeout(sys_timeout_handler handler, void* argument) {
    for (Timeout** place = &timeouts; *place != nullptr; place = &(*place)->next) {
        Timeout* timeout = *place;
        if (timeout->handler != handler || timeout->argument != argument) continue;
        *place = timeout->next;
        delete timeout;
        return;  // the alarm may still fire, and then does nothing
    }
}

void sys_restart_timeouts(void) {}

void sys_check_timeouts(void) {
    // Runs only timeouts that are due now: a handler that starts its timeout again must not keep the thread busy.
    const tenon::Nanoseconds now = tenon::monotonic_now();
    alarm_deadline = tenon::no_deadline;
    while (timeouts != nullptr && timeouts->deadline <= now) {
        Timeout* timeout = timeouts;
        timeouts = timeout->next;
        const sys_timeout_handler handler = timeout->handler;
        void* argument = timeout->argument;
        delete timeout;
        if (handler != nullptr) handler(argument);
    }
    set_alarm();
}

/// Called by the network thread before it waits for messages; the alarm sends one.
u32_t sys_timeouts_sleeptime(void) {
    if (alarm_clock == nullptr) {
        run_message = tcpip_callbackmsg_new(run, nullptr);
        alarm_clock = new (std::nothrow) tenon::Timer(ring, nullptr);
    }
    start_needed_timers();
    if (timeouts != nullptr && timeouts->deadline <= tenon::monotonic_now()) return 0;
    set_alarm();
    return SYS_TIMEOUTS_SLEEPTIME_INFINITE;
}

/// lwIP calls this when a connection is made.
void tcp_timer_needed(void) { start_cyclic(cyclic_timers[0]); }
