// SPDX-License-Identifier: Apache-2.0
// What a machine is made of, as the user asked for it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hv/accel/choose.h"
#include "hv/core/error.h"
#include "hv/devices/balloon_options.h"
#include "hv/machine/memory_policy.h"

namespace hv {

using MacAddress = std::array<std::uint8_t, 6>;

inline constexpr std::uint64_t default_memory_bytes = 64ULL << 20;
/// Below this no image with a network stack starts; smaller values are more likely a mistyped unit.
inline constexpr std::uint64_t minimum_memory_bytes = 8ULL << 20;
inline constexpr std::uint64_t maximum_memory_bytes = 1ULL << 40;

/// A connection to `address`:`host`, or a datagram, goes to the guest's port `guest`. Host port 0: any that is free.
struct PortForward {
    std::uint16_t host;
    std::uint16_t guest;
    bool udp = false;                   ///< otherwise TCP
    std::string address = "127.0.0.1";  ///< an IPv4 address of the host; 0.0.0.0: all
};

struct NetConfig {
    enum class Mode { none, user, tap };
    Mode mode = Mode::none;
    std::string interface_id = "net0";
    std::string tap;  ///< name of the TAP interface
    std::optional<MacAddress> mac;
    std::optional<std::uint16_t> mtu;
    std::vector<PortForward> forwards;  ///< user
    std::string guest_address;          ///< user: IPv4 address that forwards go to; empty: the one DHCP gives
    bool host_loopback = false;         ///< user: the guest reaches the host's loopback at the gateway's address
};

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
