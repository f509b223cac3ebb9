// SPDX-License-Identifier: Apache-2.0
// What a machine is made of, as the user asked for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hv/accel/choose.h"
#include "hv/core/error.h"
#include "hv/devices/balloon_options.h"
#include "hv/machine/memory_policy.h"
#include "hv/machine/network_config.h"

namespace hv {

inline constexpr std::uint64_t default_memory_bytes = 64ULL << 20;
/// Below this no image with a network stack starts; smaller values are more likely a mistyped unit.
inline constexpr std::uint64_t minimum_memory_bytes = 8ULL << 20;
inline constexpr std::uint64_t maximum_memory_bytes = 1ULL << 40;

struct DriveConfig {
    enum class Engine { asynchronous, synchronous };
    std::string drive_id;  ///< the disk's serial number in the guest; empty: made from the file's name
    std::string path;      ///< of a raw image or a block device
    bool read_only = false;
    Engine engine = Engine::asynchronous;
};
/// A machine's other devices need places too.
inline constexpr std::size_t maximum_drives = 8;

/// --watchdog: what a user may ask for.
inline constexpr std::uint64_t shortest_watchdog_ms = 100, longest_watchdog_ms = 24 * 3600 * 1000;

struct MachineConfig {
    std::string name;  ///< empty: generated
    std::string image;
    std::string kernel_options;          ///< space-separated; ahead of `--` and the arguments
    std::vector<std::string> arguments;  ///< of the program, without argv[0]
    AcceleratorChoice accelerator = AcceleratorChoice::automatic;
    std::uint64_t memory_bytes = default_memory_bytes;
    MemoryPolicy memory_policy;
    std::uint32_t vcpu_count = 1;
    BalloonOptions balloon;
    NetConfig net;
    std::vector<DriveConfig> drives;  ///< vda, vdb, ... of the guest, in this order
    std::string run_directory;        ///< empty: the default of this user
    std::uint64_t watchdog_ms = 0;    ///< a guest that gives no sign of life for so long is hung; 0 = nobody looks
    std::string core_file;            ///< of a guest that has crashed; empty = none
    bool boot_report = false;
};

/// The guest's command line: options, then `--` and the arguments, those with spaces in double quotes.
/// Errors: usage (too long, or an argument that cannot be written).
Result<std::string> command_line_of(const MachineConfig& config);

}  // namespace hv
