// SPDX-License-Identifier: Apache-2.0
// Making a machine's cgroups.
#include "hv/machine/machine_cgroups.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "hv/core/text_file.h"

namespace hv {

Result<MachineCgroups> MachineCgroups::create(const Wishes& wishes, const RunDirectory& directory) {
    MachineCgroups made;
    CHECK(made.forget_former_life(directory));
    if (wants_memory_cgroup(wishes.config.memory_policy)) CHECK(made.add_memory(wishes, directory));
    if (wishes.config.cpu_policy.wants_cgroup()) CHECK(made.add_cpu(wishes, directory));
    return made;
}

/// An hv that was killed has left its cgroups behind, and its supervisor starts the next one in the same directory.
Result<> MachineCgroups::forget_former_life(const RunDirectory& directory) {
    const FileDescriptor place(open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!place || remove_noted_cgroups(place.get(), directory.name())) return {};
    // A process is still dying there: the next one who cleans up finds it.
    TRY(note_, read_text_file(directory.path_of(cgroup_file)));
    return {};
}

Result<std::size_t> MachineCgroups::add(const CgroupController& controller, const std::string& where,
                                        const RunDirectory& directory) {
    TRY(const CgroupPlace parent, parent_for_cgroup(controller, where));
    const std::string path = MachineCgroup::path_for(parent, directory.name());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        const CgroupPlace& present = groups_[i].place();
        if (present.path == path) return i;
        // A process is in one cgroup of the one v2 hierarchy.
        if (present.version == CgroupVersion::v2 && parent.version == CgroupVersion::v2)
            return fail(ErrorKind::usage,
                        fmt::format("{} cgroup '{}': the machine has another one for memory below '{}', and on cgroup "
                                    "v2 it can have one only (name the same with --memory-cgroup and --cpu cgroup=)",
                                    controller.name, parent.path, groups_[i].parent()));
    }
    note_ += path + "\n";
    CHECK(directory.write(cgroup_file, note_));
    TRY(MachineCgroup made, MachineCgroup::create(controller, parent, directory.name()));
    groups_.push_back(std::move(made));
    return groups_.size() - 1;
}

Result<> MachineCgroups::add_memory(const Wishes& wishes, const RunDirectory& directory) {
    const MemoryPolicy& policy = wishes.config.memory_policy;
    const std::uint64_t memory_bytes = wishes.config.memory_bytes;
    TRY(memory_, add(memory_controller, policy.cgroup, directory));
    const CgroupPlace& place = groups_[memory_].place();
    const std::uint64_t limit =
        memory_bounds(policy, memory_bytes).limit + memory_cgroup_allowance(memory_bytes) + wishes.helper_bytes;
    const char* file = place.version == CgroupVersion::v1 ? "/memory.limit_in_bytes" : "/memory.max";
    if (const auto set = write_text_file(place.path + file, std::to_string(limit)); !set)
        return fail(set.error().kind, fmt::format("memory cgroup: {}", set.error().message));
    return {};
}

Result<> MachineCgroups::add_cpu(const Wishes& wishes, const RunDirectory& directory) {
    const CpuPolicy& policy = wishes.config.cpu_policy;
    // On v2 one cgroup is for all: a place that was named for memory is that of the CPUs, too.
    const bool follows_memory =
        policy.cgroup.empty() && has_memory() && groups_[memory_].place().version == CgroupVersion::v2;
    const std::string where = follows_memory ? groups_[memory_].parent() : policy.cgroup;
    std::vector<std::size_t> holding_hv;
    if (policy.node) {
        TRY(const std::size_t index, add(cpuset_controller, where, directory));
        CHECK(set_cpuset(groups_[index].place(), wishes.node_cpus.value_or(CpuSet()), *policy.node));
        holding_hv.push_back(index);
    }
    if (policy.wants_cpu_cgroup()) {
        TRY(const std::size_t index, add(cpu_controller, where, directory));
        TRY(cpu_, CpuCgroup::open(groups_[index].place()));
        holding_hv.push_back(index);
    }
    for (const std::size_t index : holding_hv)
        if (!groups_[index].holds_hv()) CHECK(groups_[index].take(getpid()));
    return {};
}

Result<> MachineCgroups::take(pid_t process) {
    if (!has_memory() || groups_[memory_].holds_hv()) return {};
    return groups_[memory_].take(process);
}

Result<> MachineCgroups::set_cpu(const CpuBounds& bounds) { return cpu_ ? cpu_->set(bounds) : Result<>(); }

std::vector<std::string> MachineCgroups::parents() const {
    std::vector<std::string> parents;
    for (const MachineCgroup& group : groups_)
        if (std::ranges::find(parents, group.parent()) == parents.end()) parents.push_back(group.parent());
    return parents;
}

}  // namespace hv
