// SPDX-License-Identifier: Apache-2.0
// The table of statistics. A counter that is missing here fails a unit test.
#include "hv/api/statistics.h"

#include <algorithm>

namespace hv {

namespace {

using enum Statistic::Kind;

constexpr Statistic table[] = {
    {"machine.name", text, "name of the machine"},
    {"machine.state", text, "Running, Paused or Crashed"},
    {"machine.state_ns", gauge, "time in this state"},
    {"machine.uptime_ns", gauge, "time since the machine was started"},
    {"machine.image", text, "path of the image"},
    {"machine.agent", text, "whether the guest's agent has opened its port"},
    {"machine.accelerator", text, "pv or kvm"},
    {"machine.accelerator_reason", text, "why this accelerator"},
    {"machine.landlock_version", gauge, "version of Landlock that confines hv; 0 = the host has none"},
    {"machine.ports", text, "ports of the host that lead to the guest"},
    {"machine.guest_cpu_ns", counter, "processor time of the guest"},
    {"machine.guest_steal_ns", counter, "time for which the guest was ready to run and the host ran others"},
    {"machine.cpu_throttled_ns", counter,
     "time for which the CPU limit held the machine's processes, summed over CPUs"},
    {"machine.cpu_limit_millicpus", gauge, "limit of CPU time, in thousandths of a CPU"},
    {"machine.cpu_reservation_millicpus", gauge, "reserved CPU time, in thousandths of a CPU"},
    {"machine.cpu_shares", gauge, "weight among machines that compete for CPU time"},
    {"machine.memory_bytes", gauge, "configured memory"},
    {"machine.resident_bytes", gauge, "memory of the host that all processes of the machine hold"},

    {"guest_memory.pages_scanned", counter, "pages that the guest looked at for zeros"},
    {"guest_memory.pages_zero", counter, "pages in use that were found to be zeros"},
    {"guest_memory.pages_dropped", counter, "pages of zeros in use that were given back to the host"},
    {"guest_memory.pages_refaulted", counter, "pages given back that were later found in use again"},
    {"guest_memory.pages_reported", counter, "free pages that the guest gave back"},
    {"guest_memory.pages_ballooned", gauge, "pages in the balloon, as the guest counts them"},
    {"guest_memory.pages_paged_out", counter, "pages that the guest wrote to the host's swap on request"},
    {"guest_memory.scan_ns", counter, "processor time of looking for zeros and giving pages back"},
    {"guest_memory.pressure_calls", counter, "times that caches and the program were asked to give memory back"},
    {"guest_memory.out_of_memory_deflations", counter,
     "pages that the guest took out of the balloon because it had no others"},

    {"balloon.targets_set", counter, "requests for a size of the balloon"},
    {"balloon.pages_inflated", counter, "pages that entered the balloon"},
    {"balloon.pages_deflated", counter, "pages that left the balloon"},
    {"balloon.pages_reported", counter, "free pages that the driver reported and hv dropped"},
    {"balloon.pages_reported_and_kept", counter,
     "reported free pages that hv kept, because the driver fills free pages with a pattern"},
    {"balloon.pages_hinted", counter, "free pages that the driver named for a migration"},
    {"balloon.pages_refused", counter, "pages that the driver had no right to name"},
    {"balloon.odd_arrays", counter, "lists of pages with an impossible size"},
    {"balloon.statistics_taken", counter, "reports of the guest's memory"},
    {"balloon.wrong_statistics", counter, "reports that could not be read"},
    {"balloon.refused_config_writes", counter, "writes of the driver to read-only configuration"},
    {"balloon.doorbells", counter, "notifications by the driver"},
    {"balloon.events_sent", counter, "interrupts to the driver"},
    {"balloon.events_suppressed", counter, "interrupts that the driver did not want"},
    {"balloon.ring_errors", counter, "faults of the driver in its rings"},

    {"net.rx_packets", counter, "frames to the guest"},
    {"net.rx_bytes", counter, "bytes to the guest"},
    {"net.rx_errors", counter, "frames to the guest that were malformed, or buffers too small for one"},
    {"net.rx_stalls", counter, "times that frames waited because the guest gave no buffer"},
    {"net.rx_limited", counter, "times that frames to the guest waited because of its limit"},
    {"net.tx_packets", counter, "frames from the guest"},
    {"net.tx_bytes", counter, "bytes from the guest"},
    {"net.tx_errors", counter, "frames from the guest that were malformed or that the host refused"},
    {"net.tx_stalls", counter, "times that frames waited because the host accepted none"},
    {"net.tx_limited", counter, "times that frames from the guest waited because of its limit"},
    {"net.backend_losses", counter, "times that the host's end of the network went away"},
    {"net.helper_resident_bytes", gauge, "memory of the host that the user-mode network's process holds"},
    {"net.doorbells", counter, "notifications by the driver"},
    {"net.events_sent", counter, "interrupts to the driver"},
    {"net.events_suppressed", counter, "interrupts that the driver did not want"},
    {"net.ring_errors", counter, "faults of the driver in its rings"},

    {"blk.capacity_bytes", gauge, "size of the disk"},
    {"blk.reads", counter, "requests to read"},
    {"blk.read_bytes", counter, "bytes read"},
    {"blk.writes", counter, "requests to write"},
    {"blk.written_bytes", counter, "bytes written"},
    {"blk.flushes", counter, "requests to make writes durable"},
    {"blk.flush_errors", counter, "flushes that failed: written data may be lost"},
    {"blk.discards", counter, "requests to discard a range"},
    {"blk.discarded_bytes", counter, "bytes discarded"},
    {"blk.write_zeroes", counter, "requests to make a range zero"},
    {"blk.zeroed_bytes", counter, "bytes made zero"},
    {"blk.io_errors", counter, "requests that the host's file failed"},
    {"blk.limited", counter, "times that requests have waited because of the disk's limit"},
    {"blk.refused", counter, "requests that were malformed or not allowed"},
    {"blk.doorbells", counter, "notifications by the driver"},
    {"blk.events_sent", counter, "interrupts to the driver"},
    {"blk.events_suppressed", counter, "interrupts that the driver did not want"},
    {"blk.ring_errors", counter, "faults of the driver in its rings"},

    {"console.out_bytes", counter, "bytes that the guest wrote"},
    {"console.dropped_bytes", counter, "bytes from the guest that no reader took"},
    {"console.in_bytes", counter, "bytes that the guest read"},
    {"console.control_messages", counter, "messages about ports"},
    {"console.control_ignored", counter, "invalid messages about ports"},
    {"console.doorbells", counter, "notifications by the driver"},
    {"console.events_sent", counter, "interrupts to the driver"},
    {"console.events_suppressed", counter, "interrupts that the driver did not want"},
    {"console.ring_errors", counter, "faults of the driver in its rings"},

    {"agent.clients", counter, "clients that connected to the agent's socket"},
    {"agent.in_bytes", counter, "bytes to the agent"},
    {"agent.out_bytes", counter, "bytes from the agent"},
    {"agent.dropped_bytes", counter, "bytes of the agent that no client took"},

    {"rng.bytes", counter, "random bytes given to the guest"},
    {"rng.doorbells", counter, "notifications by the driver"},
    {"rng.events_sent", counter, "interrupts to the driver"},
    {"rng.events_suppressed", counter, "interrupts that the driver did not want"},
    {"rng.ring_errors", counter, "faults of the driver in its rings"},

    {"clock.refreshes", counter, "times that hv renewed the guest's clock"},
    {"clock.host_time_set", counter, "times that the host's clock was set"},
    {"clock.jumps", counter, "times that the host's clock jumped, as over a suspension"},

    {"watchdog.questions", counter, "times that the watchdog asked a silent guest"},

    {"hypercall.calls", counter, "hypercalls"},
    {"hypercall.refused", counter, "hypercalls that were malformed or not allowed"},
    {"hv.doorbells", counter, "notifications by the guest, on pv"},
    {"events.sent", counter, "events for the guest, on pv"},
    {"events.suppressed", counter, "events that the guest would find by itself"},
    {"events.wakes", counter, "events that woke a sleeping vCPU"},
    {"events.kicks", counter, "events that interrupted a running vCPU"},
    {"exits.port", counter, "exits of the vCPU by an access to a port, on kvm"},
    {"exits.memory", counter, "exits of the vCPU by an access to a device's memory"},
    {"exits.interrupted", counter, "exits of the vCPU on hv's request"},
    {"exits.other", counter, "exits of the vCPU of other kinds"},
    {"kvm.interrupts", counter, "interrupts of devices, on kvm"},
    {"kvm.unknown_accesses", counter, "accesses to addresses where there is no device"},
    {"kvm.pages_offered_to_swap", counter, "pages that hv asked the host to write to its swap"},
    {"devices.needs_reset", counter, "devices that hv stopped because of a fault of their driver"},
    {"devices.refused_configurations", counter, "refused changes of a device's configuration"},
    {"mmio.refused_accesses", counter, "invalid accesses to a device's registers"},

    {"log.out_bytes", counter, "bytes of hv's own messages"},
    {"log.dropped_bytes", counter, "bytes of hv's own messages that no reader took"},
    {"log.dropped_lines", counter, "lines of hv's own messages that no reader took"},
    {"balance.out_bytes", counter, "bytes that hv balance wrote"},
    {"balance.dropped_bytes", counter, "bytes of hv balance that no reader took"},
};

}  // namespace

std::span<const Statistic> statistics() { return table; }

const Statistic* find_statistic(std::string_view subject, std::string_view value) {
    if (subject == "disk") subject = "blk";
    const auto found = std::ranges::find_if(table, [&](const Statistic& known) {
        return known.name.size() == subject.size() + 1 + value.size() && known.name.starts_with(subject) &&
               known.name[subject.size()] == '.' && known.name.ends_with(value);
    });
    return found == std::end(table) ? nullptr : &*found;
}

}  // namespace hv
