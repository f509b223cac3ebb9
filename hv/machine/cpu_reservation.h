// SPDX-License-Identifier: Apache-2.0
// Reserved CPU time: each machine's directory says how much is granted to it, and a new grant is made only if the sum
// over all machines of the run directory does not pass the host.
#pragma once

#include <cstdint>
#include <string>

#include "hv/core/error.h"
#include "hv/machine/run_base.h"

namespace hv {

/// Grants `millicpus` to the machine `name` of `base`, instead of what it had. To be called by a process that is not
/// confined; others that do the same wait. `host_cpus`: how many CPUs all machines share. Errors: no_memory (the host
/// has not so much left), with the numbers; those of files.
Result<> grant_cpu(const RunBase& base, const std::string& name, std::uint32_t millicpus, std::size_t host_cpus);

/// What is granted to the machine whose directory is `directory`; 0 = nothing. The file may be anything: the hv of a
/// guest that broke out can write it, and so have more or less granted, but no more than a machine can use.
[[nodiscard]] std::uint32_t granted_cpu(const std::string& directory);

/// Writes that the machine needs less than was granted: the machine's own hv may do that.
Result<> lower_granted_cpu(const std::string& directory, std::uint32_t millicpus);

}  // namespace hv
