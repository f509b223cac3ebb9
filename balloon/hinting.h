// SPDX-License-Identifier: Apache-2.0
// Free page hinting: naming free memory that a migration need not send (virtio 1.2, section 5.5.6.5).
#pragma once

#include <cstdint>

#include "balloon/device.h"
#include "balloon/held_blocks.h"
#include "balloon/memory_zone.h"

namespace tenon::balloon {

/// The device identifies a round by a number. Hinted blocks are held until the device says DONE, because their contents
/// may be lost until then. One thread at a time.
class Hinting {
public:
    /// `floor`: pages that stay free for the guest itself.
    Hinting(BalloonDevice& device, LockedZone& zone, std::uint64_t floor)
        : device_(device), zone_(zone), floor_(floor) {}
    ~Hinting();
    Hinting(const Hinting&) = delete;
    Hinting& operator=(const Hinting&) = delete;

    /// Executes the configuration's command, if it is new. Errors: those of the device, no_memory.
    [[nodiscard]] Result<> serve();
    /// Frees all held blocks for an allocation: a write to a page overrides its hint. Returns how many pages.
    std::uint64_t release();
    /// The same after a reset of the device, whose commands start again.
    void forget() {
        (void)release();
        last_command_ = VIRTIO_BALLOON_CMD_ID_STOP;
    }

private:
    [[nodiscard]] std::uint32_t read_command();
    [[nodiscard]] Result<> run_round(std::uint32_t command);
    [[nodiscard]] Result<> send_command(std::uint32_t command);
    [[nodiscard]] Result<bool> send_blocks();

    BalloonDevice& device_;
    LockedZone& zone_;
    std::uint64_t floor_;
    HeldBlocks held_{PageState::isolated};
    std::uint32_t last_command_ = VIRTIO_BALLOON_CMD_ID_STOP;
    std::uint32_t seen_changes_ = 0;    // of the device's configuration
    std::uint32_t* command_ = nullptr;  // in the DMA zone, little-endian
};

}  // namespace tenon::balloon
