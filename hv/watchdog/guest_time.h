// SPDX-License-Identifier: Apache-2.0
// How much time a guest had to run. A watchdog measures by it, because a busy host may keep a guest from running.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

/// State of the thread that runs guest code, as the host's kernel reports it.
enum class GuestActivity {
    running,   ///< on a processor, or ready to run on one
    sleeping,  ///< waits for an event
    held,      ///< stopped by a signal or a debugger, or waiting for a disk of the host
};

/// Parses the text of /proc/PID/status. Nothing where the state is missing.
[[nodiscard]] std::optional<GuestActivity> parse_activity(std::string_view status);
/// Reads the state from that file, which is open. `held` where it is missing: a process that has ended does not hang.
[[nodiscard]] GuestActivity read_activity(const FileDescriptor& status);

/// Adds up a guest's time between successive look() calls. A running guest had the CPU time that it used, which is none
/// if the host did not schedule it. A guest that slept at both looks had all the time between them. A held guest had
/// none. Each interval counts for at most `longest_step_ns`, so that an hv that was itself stopped does not declare a
/// guest hung.
class GuestTime {
public:
    explicit GuestTime(std::uint64_t longest_step_ns) : longest_step_ns_(longest_step_ns) {}

    /// `now_ns`: of any monotonic clock. `cpu_ns`: CPU time of the guest since its start.
    void look(GuestActivity activity, std::uint64_t now_ns, std::uint64_t cpu_ns);
    /// The guest's time since the first look().
    [[nodiscard]] std::uint64_t had_ns() const { return had_ns_; }

private:
    std::uint64_t longest_step_ns_;
    std::uint64_t had_ns_ = 0;
    std::uint64_t last_now_ns_ = 0;
    std::uint64_t last_cpu_ns_ = 0;
    std::optional<GuestActivity> last_;
};

}  // namespace hv
