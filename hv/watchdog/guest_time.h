// SPDX-License-Identifier: Apache-2.0
// How much time a guest has had: what a watchdog measures by, as the host may not let a guest run.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

/// What the thread that runs guest code does, as the host sees it.
enum class GuestActivity {
    running,   ///< on a processor, or would be if the host gave it one
    sleeping,  ///< waits for an event
    held,      ///< stopped by a signal, by a debugger, or waiting for a disk of the host's
};

/// From the text of /proc/PID/status. Nothing: it does not say.
[[nodiscard]] std::optional<GuestActivity> parse_activity(std::string_view status);
/// From that file, which is open. Held, if it does not say: who has gone is not hung.
[[nodiscard]] GuestActivity read_activity(const FileDescriptor& status);

/// A clock of looks. A guest that runs has had the CPU time that it used: one that the host lets starve has had none. A
/// guest that slept from one look to the next has had all of the time between. One that is held has had none. What lies
/// between two looks counts for `longest_step_ns` at most, so that an hv that was stopped itself finds no guest hung.
class GuestTime {
public:
    explicit GuestTime(std::uint64_t longest_step_ns) : longest_step_ns_(longest_step_ns) {}

    /// `now_ns`: any monotonic clock. `cpu_ns`: of the guest, since its start.
    void look(GuestActivity activity, std::uint64_t now_ns, std::uint64_t cpu_ns);
    /// Since the first look.
    [[nodiscard]] std::uint64_t had_ns() const { return had_ns_; }

private:
    std::uint64_t longest_step_ns_;
    std::uint64_t had_ns_ = 0;
    std::uint64_t last_now_ns_ = 0;
    std::uint64_t last_cpu_ns_ = 0;
    std::optional<GuestActivity> last_;
};

}  // namespace hv
