// SPDX-License-Identifier: Apache-2.0
// How lwIP is configured for Tenon (lwip/opt.h explains each option).
#ifndef TENON_LWIPOPTS_H
#define TENON_LWIPOPTS_H

/* Threads: one network thread. All other threads enter the core under one lock, without a message or a switch.
   Releasing the lock rings the device's doorbell once for all frames that were sent meanwhile (kernel/net/core_lock.h).
 */
#define NO_SYS 0
#define SYS_LIGHTWEIGHT_PROT 1
#define LWIP_TCPIP_CORE_LOCKING 1
#define LWIP_TCPIP_CORE_LOCKING_INPUT 0
#define LOCK_TCPIP_CORE() tenon_net_lock()
#define UNLOCK_TCPIP_CORE() tenon_net_unlock()
#define TCPIP_THREAD_NAME "network"
#define TCPIP_THREAD_STACKSIZE (32 * 1024)
#define TCPIP_THREAD_PRIO 0 /* sys_thread_new() gives Priority::network */
#define TCPIP_MBOX_SIZE 256

/* Memory: packets are in the DMA zone, so that a payload is copied only once, between program and buffer; pools are in
   the heap (kernel/net/pools.cpp), and have no limit but memory. */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc tenon_net_allocate
#define mem_clib_calloc tenon_net_allocate_zeroed
#define mem_clib_free tenon_net_free
#define MEM_ALIGNMENT 8
#define PBUF_LINK_ENCAPSULATION_HLEN 16 /* the driver's header stands before the frame */
#define LWIP_SUPPORT_CUSTOM_PBUF 1

/* Sockets are userland/posix's, over the raw interface. */
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_NETIF_API 0
#define TCP_LISTEN_BACKLOG 1
#define TCP_DEFAULT_LISTEN_BACKLOG 255
#define SO_REUSE 1
#define SO_REUSE_RXTOALL 1
#define LWIP_TCP_KEEPALIVE 1

/* TCP: windows for a fast link; memory is taken only for data in flight. */
#define TCP_MSS 1460
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 7
#define TCP_WND (4 * 1024 * 1024)     /* what a window may grow to */
#define TCP_INITIAL_WND (64 * 1024)   /* it grows while the program keeps up (userland/posix/net/tcp_transfer.cpp) */
#define TCP_SND_BUF (4 * 1024 * 1024) /* the bound of all; each socket has its own limit below */
#define TCP_SND_QUEUELEN 8192
#define TCP_OVERSIZE 4096  /* room for the next small write behind one */
#define TCP_HASH_SIZE 4096 /* ten thousand connections: two or three to a list */
#define TCP_SEGMENT_LIMIT(pcb) tenon_net_segment_limit(IP_IS_V6(&(pcb)->remote_ip))
#define TCP_SNDLOWAT (16 * 1024)
#define TCP_SNDQUEUELOWAT 512
/* In tcp_recved(), whose parameter is `pcb`: a quarter of the window. */
#define TCP_WND_UPDATE_THRESHOLD LWIP_MAX(pcb->rcv_max / 4, (tcpwnd_size_t)(2 * pcb->mss))
#define TCP_QUEUE_OOSEQ 1
#define TCP_TMR_INTERVAL 50 /* shortest retransmission timeout: 6 of them; longest delay of an acknowledgement: one */
#define TCP_MSL 30000UL     /* a minute of TIME_WAIT, as on Linux; time_wait.h bounds their number */
#define TCP_OOSEQ_BYTES_LIMIT(pcb) ((pcb)->rcv_max)
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_MAX_SACK_NUM 4
#define MEMP_NUM_TCP_SEG TCP_SND_QUEUELEN /* only compared with the line above */
#define MEMP_NUM_TCP_PCB 1024
#define TCP_SYNMAXRTX 12       /* lwIP's most; TCP_SYNCNT is below (userland/posix/net/tcp_times.cpp) */
#define LWIP_TIMERS_CUSTOM 1   /* kernel/net/timers.cpp */
#define LWIP_TCP_RTO_TIME 1000 /* before the first measurement (RFC 6298, section 2.1) */

/* Protocols. */
#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_ARP 1
#define ARP_QUEUEING 1
#define ARP_TABLE_SIZE 127 /* lwIP's most */
#define LWIP_ICMP 1
#define LWIP_ICMP6 1
#define LWIP_IGMP 1
#define LWIP_IPV6_MLD 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_TCP 1
#define IP_REASSEMBLY 1
#define IP_REASS_MAX_PBUFS 64 /* of all datagrams: one of 64 KiB comes in 45 frames */
#define IP_FRAG 1
#define IP_FORWARD 0
#define LWIP_IPV6_FRAG 1
#define LWIP_IPV6_REASS 1
#define IPV6_FRAG_COPYHEADER 1 /* pointers of 64 bits do not fit into the header */
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 1
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_IPV6_AUTOCONFIG 1
#define LWIP_IPV6_NUM_ADDRESSES 4
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 2
#define LWIP_ND6_NUM_NEIGHBORS 127 /* lwIP's most */
#define LWIP_ND6_NUM_DESTINATIONS 32
#define LWIP_ND6_QUEUEING 1
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define DHCP_DOES_ARP_CHECK 0 /* the check would add half a second to every boot */
#define LWIP_DHCP_PROVIDE_DNS_SERVERS 3
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 3
#define DNS_TABLE_SIZE 16
#define DNS_MAX_NAME_LENGTH 256
#define LWIP_DNS_API_DEFINE_ERRORS 0
#define LWIP_DNS_API_DEFINE_FLAGS 0
#define LWIP_DNS_API_DECLARE_STRUCTS 0
#define LWIP_DNS_API_DECLARE_H_ERRNO 0
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_LOOPIF_MULTICAST 1
#define LWIP_LOOPBACK_MAX_PBUFS 0
/* Looped packets are taken before the core lock is released (loopback.cpp), not by lwIP's thread. */
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 0
#define LWIP_HOOK_NETIF_LOOPED tenon_net_looped
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 0
#define LWIP_NETIF_TX_SINGLE_PBUF 0 /* a segment may have many pieces, all in memory that devices may read */
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1
#define LWIP_SINGLE_NETIF 0

/* Checksums: set for each interface, as its device may complete and check them. */
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHECKSUM_ON_COPY 0

/* Unpredictable initial sequence numbers (RFC 6528); lwIP's own are a counter. */
#define LWIP_HOOK_FILENAME "hooks.h"
#define LWIP_HOOK_TCP_ISN tenon_net_initial_sequence
#define LWIP_HOOK_TCP_COOKIE tenon_net_cookie
#define LWIP_HOOK_TCP_COOKIE_MSS tenon_net_cookie_segment_size
#define LWIP_HOOK_IP4_INPUT tenon_net_ip4_input
#define LWIP_HOOK_IP6_INPUT tenon_net_ip6_input
#define LWIP_HOOK_ICMP_ERROR tenon_net_icmp_error_allowed
/* The gateway of ip6=: lwIP itself knows only routers that advertise themselves. */
#define LWIP_HOOK_ND6_GET_GW(netif, destination) tenon_net_ip6_gateway(netif)

/* Counters for /stats. */
#define LWIP_STATS 1
#define LWIP_STATS_DISPLAY 0
#define LWIP_STATS_LARGE 1
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 1
#define IP6_STATS 1
#define ICMP_STATS 0
#define ICMP6_STATS 0
#define IGMP_STATS 0
#define MLD6_STATS 0
#define ND6_STATS 0
#define IPFRAG_STATS 0
#define IP6_FRAG_STATS 0
#define UDP_STATS 1
#define TCP_STATS 1
#define MEM_STATS 0
#define MEMP_STATS 0
#define SYS_STATS 0

#define LWIP_DBG_TYPES_ON 0

#include "arch/core_lock.h"

#endif
