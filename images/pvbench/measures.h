// SPDX-License-Identifier: Apache-2.0
// The measures, one function for each: catalogue.cpp says what each one means.
#pragma once

#include "measure.h"

namespace pvbench {

// boot.cpp
Outcome boot_to_main(const Options& options);
Outcome boot_to_first_packet(const Options& options);
// clock.cpp
Outcome clock_read(const Options& options);
Outcome timer_lateness(const Options& options);
Outcome timer_jitter(const Options& options);
// processor.cpp
Outcome hypercall(const Options& options);
Outcome exit_to_kernel(const Options& options);
Outcome exit_to_monitor(const Options& options);
// switches.cpp
Outcome switch_by_yield(const Options& options);
Outcome switch_by_wake(const Options& options);
Outcome wake_other_processor(const Options& options);
// memory.cpp
Outcome first_touch(const Options& options);
Outcome page_fault(const Options& options);
Outcome allocate_small(const Options& options);
Outcome allocate_large(const Options& options);
Outcome memory_read(const Options& options);
Outcome memory_write(const Options& options);
Outcome memory_copy(const Options& options);
Outcome memory_latency(const Options& options);
// balloon.cpp
Outcome balloon_inflate(const Options& options);
Outcome balloon_deflate(const Options& options);
Outcome balloon_report(const Options& options);
Outcome zero_scan(const Options& options);
// disk.cpp
Outcome doorbell_to_interrupt(const Options& options);
Outcome random_read(const Options& options);
Outcome random_write(const Options& options);
Outcome sequential_read(const Options& options);
Outcome sequential_write(const Options& options);
Outcome deep_random_read(const Options& options);
Outcome deep_random_write(const Options& options);
Outcome deep_sequential_read(const Options& options);
Outcome deep_sequential_write(const Options& options);
Outcome flush(const Options& options);
// network.cpp
Outcome tcp_round_trip(const Options& options);
Outcome udp_round_trip(const Options& options);
Outcome stream_out(const Options& options);
Outcome stream_in(const Options& options);
Outcome packets_out(const Options& options);
Outcome packets_in(const Options& options);
Outcome connections(const Options& options);

}  // namespace pvbench
