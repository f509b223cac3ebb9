// SPDX-License-Identifier: Apache-2.0
// The measures, in the order in which they run.
#include "measures.h"

namespace pvbench {

namespace {

constexpr Better lower = Better::lower, higher = Better::higher;

constexpr Measure catalogue[] = {
    // First, because it wants memory that was not used before.
    {"first_touch", "memory", "ns", lower, first_touch,
     "first write to a page that malloc gave and nothing used before"},
    {"page_fault", "memory", "ns", lower, page_fault, "write to a page that the guest's kernel maps on demand"},
    {"boot_main", "boot", "us", lower, boot_to_main, "from the machine's start to main"},
    {"boot_first_packet", "boot", "us", lower, boot_to_first_packet,
     "from the machine's start to the first answer of the peer"},
    {"clock_read", "clock", "ns", lower, clock_read, "clock_gettime(CLOCK_MONOTONIC)"},
    {"timer_lateness", "clock", "us", lower, timer_lateness, "how much later than asked for a sleep of 1 ms ends"},
    {"timer_jitter", "clock", "us", lower, timer_jitter,
     "how far the time between two wake-ups is from what was asked for"},
    {"hypercall", "processor", "ns", lower, hypercall, "a hypercall of hv that does nothing"},
    {"exit_kernel", "processor", "ns", lower, exit_to_kernel,
     "an exit that the hypervisor's kernel half serves (CPUID)"},
    {"exit_monitor", "processor", "ns", lower, exit_to_monitor, "an exit that the monitor serves (out to port 0x80)"},
    {"switch_yield", "processor", "ns", lower, switch_by_yield, "switch between two threads that give way"},
    {"switch_wake", "processor", "ns", lower, switch_by_wake,
     "switch between two threads of a CPU that wake each other"},
    {"wake_other_cpu", "processor", "ns", lower, wake_other_processor, "a thread wakes one that sleeps on another CPU"},
    {"allocate_small", "memory", "ns", lower, allocate_small, "malloc and free of 64 bytes"},
    {"allocate_large", "memory", "ns", lower, allocate_large, "malloc and free of 256 KiB, untouched"},
    {"memory_read", "memory", "MB/s", higher, memory_read, "reading memory that no cache holds"},
    {"memory_write", "memory", "MB/s", higher, memory_write, "writing memory that no cache holds"},
    {"memory_copy", "memory", "MB/s", higher, memory_copy, "memcpy of memory that no cache holds"},
    {"memory_latency", "memory", "ns", lower, memory_latency,
     "a load whose address the load before gave, random pages"},
    {"zero_scan", "balloon", "MB/s", higher, zero_scan, "the kernel's search for pages of zeros"},
    {"balloon_report", "balloon", "MB/s", higher, balloon_report, "free memory reported to the host"},
    {"balloon_inflate", "balloon", "MB/s", higher, balloon_inflate, "memory into the balloon, as the host asks"},
    {"balloon_deflate", "balloon", "MB/s", higher, balloon_deflate, "memory out of the balloon, as the host allows"},
    {"doorbell_interrupt", "blk", "us", lower, doorbell_to_interrupt, "a 512-byte read, from doorbell to interrupt"},
    {"blk_random_read_1", "blk", "us", lower, random_read, "a 4 KiB read at a random place, one at a time"},
    {"blk_random_write_1", "blk", "us", lower, random_write, "a 4 KiB write at a random place, one at a time"},
    {"blk_sequential_read_1", "blk", "MB/s", higher, sequential_read, "64 KiB reads in order, one at a time"},
    {"blk_sequential_write_1", "blk", "MB/s", higher, sequential_write, "64 KiB writes in order, one at a time"},
    {"blk_random_read_32", "blk", "1/s", higher, deep_random_read, "4 KiB reads at random places, 32 threads"},
    {"blk_random_write_32", "blk", "1/s", higher, deep_random_write, "4 KiB writes at random places, 32 threads"},
    {"blk_sequential_read_32", "blk", "MB/s", higher, deep_sequential_read, "64 KiB reads in order, 32 threads"},
    {"blk_sequential_write_32", "blk", "MB/s", higher, deep_sequential_write, "64 KiB writes in order, 32 threads"},
    {"blk_flush", "blk", "us", lower, flush, "fdatasync after a write of 4 KiB"},
    {"net_round_trip_tcp", "net", "us", lower, tcp_round_trip, "one byte to the peer and back, TCP"},
    {"net_round_trip_udp", "net", "us", lower, udp_round_trip, "a small datagram to the peer and back, UDP"},
    {"net_stream_out", "net", "MB/s", higher, stream_out, "a TCP stream to the peer"},
    {"net_stream_in", "net", "MB/s", higher, stream_in, "a TCP stream from the peer"},
    {"net_packets_out", "net", "1/s", higher, packets_out, "small datagrams that reach the peer"},
    {"net_packets_in", "net", "1/s", higher, packets_in, "small datagrams that arrive from the peer"},
    {"net_connections", "net", "1/s", higher, connections, "TCP connections: open, one byte from the peer, close"},
};

}  // namespace

std::span<const Measure> all_measures() { return catalogue; }

}  // namespace pvbench
