/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the kernel that lwIP calls. */
#ifndef TENON_LWIP_HOOKS_H
#define TENON_LWIP_HOOKS_H

#include "lwip/ip_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

struct netif;

struct pbuf;
struct tcp_pcb;
struct tcp_sack_range;

/* See a packet before lwIP does; 0: lwIP processes it. */
int tenon_net_ip4_input(struct pbuf* packet, struct netif* netif);
int tenon_net_ip6_input(struct pbuf* packet, struct netif* netif);
/* A packet to this machine itself was queued (loopback.cpp). */
void tenon_net_looped(void);
const ip6_addr_t* tenon_net_ip6_gateway(const struct netif* netif);
/* Whether an ICMP error may be sent now about a packet that came by this interface, or null: one that came earlier. */
int tenon_net_icmp_error_allowed(const struct netif* netif);
/* The largest payload of a segment that every device can cut; 0: they cannot. */
u32_t tenon_net_segment_limit(int ipv6);
/* The sequence number that answers a request of which nothing is kept; and of one that is acknowledged the requested
   segment size, 0: it is no such number, or too old. */
u32_t tenon_net_cookie(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote, u16_t remote_port,
                       u32_t sequence, u16_t segment_size);
u16_t tenon_net_cookie_segment_size(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote,
                                    u16_t remote_port, u32_t sequence, u32_t cookie);
/* Loss recovery of a connection (tcp/sender.cpp). A request or its answer was sent; it was answered; data was sent. */
void tenon_net_tcp_requested(struct tcp_pcb* pcb);
void tenon_net_tcp_established(struct tcp_pcb* pcb);
void tenon_net_tcp_sent(struct tcp_pcb* pcb, u32_t begin, u32_t end);
/* Before lwIP drops what is acknowledged. `repeated`: RFC 5681's duplicate. */
void tenon_net_tcp_acknowledged(struct tcp_pcb* pcb, u32_t number, const struct tcp_sack_range* blocks, u8_t count,
                                int repeated);
/* Sends again what is lost, as far as the congestion window lets. */
void tenon_net_tcp_resend(struct tcp_pcb* pcb);
/* How many bytes from the first unacknowledged one on the congestion window lets out. */
u32_t tenon_net_tcp_sendable(const struct tcp_pcb* pcb);
/* 0: nothing is known of the data, and lwIP sends everything again. */
int tenon_net_tcp_timed_out(struct tcp_pcb* pcb);
/* In lwIP's ticks. */
s16_t tenon_net_tcp_timeout(const struct tcp_pcb* pcb);
void tenon_net_tcp_forget(struct tcp_pcb* pcb);
/* The acknowledgement of `size` bytes, which arrived in order, is sent at the end of a batch (tcp/acknowledgements.h);
   0: it has to be sent now. */
int tenon_net_tcp_acknowledge_later(struct tcp_pcb* pcb, u32_t size);
/* Search domains (search_list.cpp). A DHCP message's options follow; one of them, of `size` bytes from `offset` on; the
   message gives a lease. And the names of a router advertisement's option, which count for so many seconds. */
void tenon_net_dhcp_reply(void);
void tenon_net_dhcp_option(u8_t option, const struct pbuf* packet, u16_t offset, u16_t size);
void tenon_net_dhcp_accepted(void);
void tenon_net_search_list_advertised(const struct pbuf* packet, u16_t offset, u16_t size, u32_t lifetime);
u32_t tenon_net_initial_sequence(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote, u16_t remote_port);

#ifdef __cplusplus
}
#endif

#endif
