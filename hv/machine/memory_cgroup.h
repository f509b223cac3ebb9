// SPDX-License-Identifier: Apache-2.0
// The memory cgroup of one machine: what holds a guest that does not cooperate.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "hv/core/cgroup.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/machine/memory_policy.h"
#include "hv/machine/run_directory.h"

namespace hv {

/// What a machine of `memory_bytes` may use beyond its limit: the host's page tables for it, the stub, and on `kvm` hv.
[[nodiscard]] constexpr std::uint64_t memory_cgroup_allowance(std::uint64_t memory_bytes) {
    return (4ULL << 20) + memory_bytes / 128;
}

/// Removed with this object. The machine's directory names it from before it is made, so that whoever removes the
/// directory of a hv that was killed removes it too.
class MemoryCgroup {
public:
    /// Made as `policy.cgroup` says: beside or below hv's own, or below the one named. To be called before hv confines
    /// itself. Errors: host_lacks, no_permission, not_found, usage; each names what is missing.
    /// `helper_bytes`: what a helper that is put into it takes, in addition to the guest.
    static Result<MemoryCgroup> create(const MemoryPolicy& policy, std::uint64_t memory_bytes,
                                       std::uint64_t helper_bytes, const RunDirectory& directory);
    MemoryCgroup(MemoryCgroup&& other) noexcept;
    MemoryCgroup& operator=(MemoryCgroup&&) = delete;
    ~MemoryCgroup();

    /// Puts a process into it: what it maps from now on counts. The process is the guest's, or on `kvm` hv itself.
    Result<> take(pid_t process);

    [[nodiscard]] const std::string& path() const { return path_; }
    /// In which hv needs to remove a directory when it ends.
    [[nodiscard]] std::string parent() const { return path_.substr(0, path_.rfind('/')); }

private:
    explicit MemoryCgroup(std::string path) : path_(std::move(path)) {}

    std::string path_;        ///< empty: moved from
    FileDescriptor members_;  ///< cgroup.procs, opened before hv loses the right to
    FileDescriptor origin_;   ///< the same of where hv came from
    bool holds_hv_ = false;
};

/// Removes the cgroup that a file in `directory`, which is the machine's, names, if there is one. False: it is still
/// there (a process is dying in it, or this process may not), and the directory is to stay for the next one who cleans
/// up.
[[nodiscard]] bool remove_noted_cgroup(int directory, const std::string& machine);

/// The directory below which a v2 cgroup with a memory limit can be made for a process of `own`: a cgroup with
/// processes in it cannot hand controllers on (cgroup-v2.rst, "No Internal Process Constraint"), so it is the parent,
/// unless `own` is the root or hands them on already.
[[nodiscard]] std::string v2_parent_for(const CgroupPlace& own);

}  // namespace hv
