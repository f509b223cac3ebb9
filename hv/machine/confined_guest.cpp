// SPDX-License-Identifier: Apache-2.0
// Making a guest, and confining hv on the way.
#include "hv/machine/confined_guest.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "hv/core/capabilities.h"
#include "hv/core/file_opener.h"
#include "hv/core/process_memory.h"
#include "hv/core/run_delay.h"

namespace hv {

namespace {

constexpr char kvm_device[] = "/dev/kvm";

FileDescriptor duplicate(const FileDescriptor& file) { return FileDescriptor(fcntl(file.get(), F_DUPFD_CLOEXEC, 0)); }

/// What hv makes with its capabilities comes before they are dropped: on `pv` the namespaces of the guest's process,
/// for which some hosts ask root for them. On `kvm` threads are made, and those are to have none from the start.
Result<> make_guest(ConfinedGuest& guest, const MachineSetup& setup) {
    const bool kvm = guest.chosen.kind == AcceleratorChoice::kvm;
    if (kvm) CHECK(drop_capabilities());
    TRY(guest.accelerator, make_accelerator(guest.chosen.kind, setup));
    return kvm ? Result<>() : drop_capabilities();
}

}  // namespace

std::vector<FileRule> file_rules_of(const MachinePlaces& places, AcceleratorChoice accelerator) {
    std::vector<FileRule> rules = {{places.directory, FileUse::own_directory}};
    if (places.removes_directory) rules.push_back({places.base, FileUse::remove_directories});
    for (const std::string& parent : places.cgroup_parents) rules.push_back({parent, FileUse::remove_directories});
    // Where it is missing, the accelerator says so.
    if (accelerator == AcceleratorChoice::kvm && access(kvm_device, F_OK) == 0)
        rules.push_back({kvm_device, FileUse::device});
    return rules;
}

Result<ConfinedGuest> make_confined_guest(AcceleratorChoice wish, const MachineSetup& setup,
                                          const MachinePlaces& places) {
    TRY(ChosenAccelerator chosen, choose_accelerator(wish, setup.vcpu_count, places.base));
    ConfinedGuest guest{.chosen = std::move(chosen),
                        .landlock = landlock_version(),
                        .accelerator = {},
                        .ram_status = {},
                        .hv_status = {},
                        .vcpus = {}};
    TRY(const auto opener, FileOpener::start());
    guest.hv_status = FileDescriptor(open(process_status_path(getpid()).c_str(), O_RDONLY | O_CLOEXEC));
    // The guest's process has to be restricted as much as hv is, and so have the vCPUs' threads: hv comes first.
    CHECK(restrict_files(file_rules_of(places, guest.chosen.kind)));
    CHECK(make_guest(guest, setup));
    CHECK(guest.accelerator->find_threads(*opener));
    for (const pid_t thread : guest.accelerator->guest_threads()) {
        auto files = opener->open(std::array{process_status_path(thread), schedule_statistics_path(thread)});
        guest.vcpus.push_back({.status = std::move(files[0]), .statistics = std::move(files[1])});
    }
    const bool guest_is_hv = guest.accelerator->guest_process() == getpid();
    guest.ram_status = guest_is_hv ? std::move(guest.hv_status) : duplicate(guest.vcpus.front().status);
    return guest;
}

}  // namespace hv
