// SPDX-License-Identifier: Apache-2.0
// Making a guest, and confining hv on the way.
#include "hv/machine/confined_guest.h"

#include <fcntl.h>
#include <unistd.h>

#include "hv/core/confine.h"
#include "hv/core/file_opener.h"
#include "hv/core/process_memory.h"

namespace hv {

namespace {

FileDescriptor open_status(pid_t process) {
    return FileDescriptor(open(process_status_path(process).c_str(), O_RDONLY | O_CLOEXEC));
}

/// The guest's process has to be confined as much as hv is, so hv comes first.
Result<> make_pv_guest(ConfinedGuest& guest, const MachineSetup& setup, const std::string& removable) {
    TRY(const auto opener, FileOpener::start());
    guest.hv_status = open_status(getpid());
    CHECK(confine_files(setup.state_directory, removable));
    TRY(guest.accelerator, make_accelerator(guest.chosen.kind, setup));
    guest.ram_status = opener->open(process_status_path(guest.accelerator->guest_process()));
    guest.vcpu_status = FileDescriptor(fcntl(guest.ram_status.get(), F_DUPFD_CLOEXEC, 0));
    return {};
}

/// The accelerator opens /dev/kvm, so it comes first.
Result<> make_kvm_guest(ConfinedGuest& guest, const MachineSetup& setup, const std::string& removable) {
    TRY(guest.accelerator, make_accelerator(guest.chosen.kind, setup));
    guest.ram_status = open_status(getpid());
    guest.vcpu_status = open_status(guest.accelerator->guest_thread());
    return confine_files(setup.state_directory, removable);
}

}  // namespace

Result<ConfinedGuest> make_confined_guest(AcceleratorChoice wish, const MachineSetup& setup,
                                          const std::string& removable) {
    TRY(ChosenAccelerator chosen, choose_accelerator(wish, setup.state_directory));
    ConfinedGuest guest{
        .chosen = std::move(chosen), .accelerator = {}, .ram_status = {}, .hv_status = {}, .vcpu_status = {}};
    CHECK(guest.chosen.kind == AcceleratorChoice::pv ? make_pv_guest(guest, setup, removable)
                                                     : make_kvm_guest(guest, setup, removable));
    return guest;
}

}  // namespace hv
