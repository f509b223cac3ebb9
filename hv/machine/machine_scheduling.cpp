// SPDX-License-Identifier: Apache-2.0
// A machine's CPU policy, when it starts and while it runs.
#include <fmt/format.h>
#include <unistd.h>

#include "hv/devices/slirp/protocol.h"
#include "hv/machine/cpu_reservation.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/running_machine.h"

namespace hv {

/// What is started from here on, the network's helper and the guest, inherits cgroups and CPUs.
Result<> RunningMachine::prepare_cpus(const RunBase& base) {
    const CpuPolicy& policy = config_.cpu_policy;
    CHECK(cpus_.find(policy));
    if (policy.reservation_millicpus)
        CHECK(grant_cpu(base, config_.name, *policy.reservation_millicpus, cpus_.host_count()));
    if (wants_memory_cgroup(config_.memory_policy) || policy.wants_cgroup()) CHECK(make_cgroups(base));
    return policy.hv_pin ? policy.hv_pin->apply_to(getpid()) : Result<>();
}

Result<> RunningMachine::make_cgroups(const RunBase& base) {
    // Dead machines may have left cgroups, which a confined hv could not remove.
    remove_dead_machines(base);
    const bool with_helper = config_.net.mode == NetConfig::Mode::user;
    const std::uint64_t helper_bytes = with_helper ? slirp::own_memory_limit + slirp::cgroup_memory : 0;
    auto made = MachineCgroups::create({.config = config_, .helper_bytes = helper_bytes, .node_cpus = cpus_.node()},
                                       *directory_);
    if (!made) return std::unexpected(std::move(made).error());
    cgroups_.emplace(std::move(*made));
    return {};
}

/// The bounds come last, so that hv's own start does not wait for its next period.
Result<> RunningMachine::schedule_guest() {
    const CpuPolicy& policy = config_.cpu_policy;
    if (cgroups_) {
        // Before the guest runs. Also on kvm, where it is hv itself, does what was used so far stay where it was.
        CHECK(cgroups_->take(guest_.accelerator->guest_process()));
        CHECK(cgroups_->set_cpu(cpu_bounds(policy, cpus_.host_count())));
    }
    // It has inherited hv's.
    return policy.pin || policy.hv_pin ? pin_vcpus(policy) : Result<>();
}

Result<> RunningMachine::pin_vcpus(const CpuPolicy& policy) const {
    const CpuSet cpus = cpus_.chosen(policy.pin);
    for (const pid_t thread : guest_.accelerator->guest_threads()) CHECK(cpus.apply_to(thread));
    return {};
}

Result<> RunningMachine::set_cpu(const CpuPolicy& policy) {
    const CpuPolicy& present = config_.cpu_policy;
    CHECK(check_cpu_change(present, policy));
    CHECK(check_cpu_policy(policy, config_.vcpu_count));
    CHECK(cpus_.check(policy));
    const std::uint32_t reservation = policy.reservation_millicpus.value_or(0);
    const std::uint32_t granted = granted_cpu(directory_->path());
    if (reservation > granted)
        return fail(ErrorKind::usage,
                    fmt::format("CPU: reservation={}: {} CPUs are granted to this machine, and only `hv set` can ask "
                                "for more (hv set {} cpu.reservation={})",
                                cpus_text(reservation), cpus_text(granted), config_.name, cpus_text(reservation)));
    if (cgroups_) {
        if (auto set = cgroups_->set_cpu(cpu_bounds(policy, cpus_.host_count())); !set) {
            static_cast<void>(cgroups_->set_cpu(cpu_bounds(present, cpus_.host_count())));
            return set;
        }
    }
    if (policy.pin != present.pin) CHECK(pin_vcpus(policy));
    // The network's helper may belong to another user: it keeps the CPUs that it was started with.
    if (policy.hv_pin != present.hv_pin) CHECK(cpus_.chosen(policy.hv_pin).apply_to(getpid()));
    if (reservation < granted) CHECK(lower_granted_cpu(directory_->path(), reservation));
    config_.cpu_policy = policy;
    return {};
}

}  // namespace hv
