// SPDX-License-Identifier: Apache-2.0
// A machine's configuration, as the user wants it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hv/accel/choose.h"
#include "hv/core/error.h"
#include "hv/core/rate_limiter.h"
#include "hv/devices/balloon_options.h"
#include "hv/machine/command_line.h"
#include "hv/machine/cpu_policy.h"
#include "hv/machine/lifecycle_config.h"
#include "hv/machine/memory_policy.h"
#include "hv/machine/network_config.h"

namespace hv {

inline constexpr std::uint64_t default_memory_bytes = 64ULL << 20;
/// Below this no image with a network stack starts; smaller values are more likely a mistyped unit.
inline constexpr std::uint64_t minimum_memory_bytes = 8ULL << 20;
inline constexpr std::uint64_t maximum_memory_bytes = 1ULL << 40;

struct DriveConfig {
    enum class Engine { asynchronous, synchronous };
    std::string drive_id;  ///< the disk's serial number in the guest
    std::string path;      ///< of a raw image or a block device
    bool read_only = false;
    Engine engine = Engine::asynchronous;
    bool discard = true;  ///< discarded blocks are given back to the host, where it can take them
    RateLimits limits = {};
    bool operator==(const DriveConfig&) const = default;
};
/// A machine's other devices need places too.
inline constexpr std::size_t maximum_drives = 8;

/// --watchdog: what a user may ask for.
inline constexpr std::uint64_t shortest_watchdog_ms = 100, longest_watchdog_ms = 24 * 3600 * 1000;

/// firecracker_config.h writes all of it and reads it again: a new field is written there too.
struct MachineConfig {
    std::string name;                ///< empty: generated
    bool name_is_generated = false;  ///< hv made `name`; it is not part of what was asked for
    std::string image;
    CommandLine command_line;
    AcceleratorChoice accelerator = AcceleratorChoice::automatic;
    std::uint64_t memory_bytes = default_memory_bytes;
    MemoryPolicy memory_policy;
    std::uint32_t vcpu_count = 1;
    CpuPolicy cpu_policy;
    BalloonOptions balloon;
    NetConfig net;
    std::vector<DriveConfig> drives;  ///< vda, vdb, ... of the guest, in this order
    std::string run_directory;        ///< empty: the default of this user
    std::uint64_t watchdog_ms = 0;    ///< a guest that gives no sign of life for so long is hung; 0 = no watchdog
    std::string core_file;            ///< of a guest that has crashed; empty = none
    LifecycleConfig lifecycle;
    bool boot_report = false;
    bool operator==(const MachineConfig&) const = default;
};

/// "auto", "pv", "kvm". Errors: usage.
Result<AcceleratorChoice> parse_accelerator(std::string_view text);
[[nodiscard]] const char* accelerator_name(AcceleratorChoice choice);

/// Whether a machine can have `bytes` of memory. Errors: usage.
Result<> check_memory_size(std::uint64_t bytes);

/// Makes paths absolute, so that the written configuration means the same from any directory.
void make_paths_absolute(MachineConfig& config);

/// Fills in what follows from other fields, and refuses fields that contradict each other. Whoever made a configuration
/// calls it once; a second call changes nothing. Errors: usage, naming the options.
Result<> complete_config(MachineConfig& config);

}  // namespace hv
