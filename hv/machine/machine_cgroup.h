// SPDX-License-Identifier: Apache-2.0
// One cgroup that is made for a machine and removed with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "hv/core/cgroup.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/machine/run_directory.h"

namespace hv {

/// Where a machine's cgroup with `controller` is made, with the controller enabled for it. `where`: an absolute path,
/// or "auto" or nothing: below hv's own on v1, and on v2 where v2_parent_for() says. Errors: host_lacks, no_permission,
/// not_found, usage; each names what is missing.
Result<CgroupPlace> parent_for_cgroup(const CgroupController& controller, const std::string& where);

/// The directory below which a v2 cgroup with `controller` can be made for a process of `own`: a cgroup with processes
/// in it cannot hand controllers on (cgroup-v2.rst, "No Internal Process Constraint"), so it is the parent, unless
/// `own` is the root or hands them on already.
[[nodiscard]] std::string v2_parent_for(const CgroupController& controller, const CgroupPlace& own);

/// Removed with this object.
class MachineCgroup {
public:
    /// The path that create() makes below `parent`. A machine's directory names it in its file cgroup_file from before
    /// it is made, so that whoever removes the directory of a hv that was killed removes it too.
    [[nodiscard]] static std::string path_for(const CgroupPlace& parent, const std::string& machine);

    /// To be called before hv confines itself. `controller`: of the hierarchy; errors name it.
    static Result<MachineCgroup> create(const CgroupController& controller, const CgroupPlace& parent,
                                        const std::string& machine);
    MachineCgroup(MachineCgroup&& other) noexcept;
    MachineCgroup& operator=(MachineCgroup&&) = delete;
    ~MachineCgroup();

    /// Moves a process into it. What the process starts later is in it too.
    Result<> take(pid_t process);

    [[nodiscard]] const CgroupPlace& place() const { return place_; }
    /// And so all that hv starts.
    [[nodiscard]] bool holds_hv() const { return holds_hv_; }
    /// In which hv needs to remove a directory when it ends.
    [[nodiscard]] std::string parent() const { return place_.path.substr(0, place_.path.rfind('/')); }

private:
    MachineCgroup(const CgroupController& controller, CgroupPlace place)
        : controller_(&controller), place_(std::move(place)) {}

    const CgroupController* controller_;
    CgroupPlace place_;       ///< no path: moved from
    FileDescriptor members_;  ///< cgroup.procs, opened before hv loses the right to
    FileDescriptor origin_;   ///< the same of where hv came from
    bool holds_hv_ = false;
};

/// Removes the cgroups that a file in `directory`, which is the machine's, names, a line each. False: one is still
/// there (a process is dying in it, or this process may not), and the directory is to stay for the next one who cleans
/// up.
[[nodiscard]] bool remove_noted_cgroups(int directory, const std::string& machine);

}  // namespace hv
