// SPDX-License-Identifier: Apache-2.0
// Free page hinting: free memory that a migration need not send (virtio 1.2, section 5.5.6.5).
#pragma once

#include <cstdint>

#include "balloon/device.h"
#include "balloon/held_blocks.h"
#include "balloon/memory_zone.h"

namespace tenon::balloon {

/// The device names a round by a number. Blocks that are hinted are held until it says DONE: their contents may be gone
/// by then. One thread at a time.
class Hinting {
public:
    /// `floor`: pages that stay free for the guest itself.
    Hinting(BalloonDevice& device, LockedZone& zone, std::uint64_t floor)
        : device_(device), zone_(zone), floor_(floor) {}
    ~Hinting();
    Hinting(const Hinting&) = delete;
    Hinting& operator=(const Hinting&) = delete;

    /// Does what the configuration's command asks for, if that is new. Errors: those of the device, no_memory.
    [[nodiscard]] Result<> serve();
    /// Everything that is held is free again, as an allocation needs it: to write to a page overrides its hint. Returns
    /// how many pages.
    std::uint64_t release();
    /// The same, and its commands begin anew: the device was reset.
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
