// SPDX-License-Identifier: Apache-2.0
// virtio-balloon: memory that a guest gives back, and its statistics (virtio 1.2, section 5.5).
#pragma once

#include <linux/virtio_balloon.h>

#include <array>
#include <optional>
#include <vector>

#include "hv/core/guest_pages.h"
#include "hv/devices/balloon_options.h"
#include "hv/devices/balloon_statistics.h"
#include "hv/devices/page_set.h"
#include "hv/devices/ring_device.h"

namespace hv {

class EventLoop;

/// hv checks every page that a guest names: it accepts a page into the balloon if GuestPages contains it and the
/// balloon does not hold it already. It counts any other page as refused, without further effect. Queues of features
/// that are not offered are left out of the numbering, as QEMU and Firecracker do it and drivers expect.
class BalloonDevice final : public RingDevice {
public:
    /// `loop` outlives the device.
    BalloonDevice(EventLoop& loop, const BalloonOptions& options);
    ~BalloonDevice() override;

    /// Sets the machine's RAM. To be called before a driver can reach the device; `pages` outlives the device's use.
    void attach(const GuestPages& pages) { pages_ = &pages; }

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return "balloon0"; }
    [[nodiscard]] std::uint64_t features() const override { return features_; }
    [[nodiscard]] std::uint32_t queue_count() const override { return static_cast<std::uint32_t>(roles_.size()); }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override { return std::as_bytes(std::span(&config_, 1)); }
    [[nodiscard]] bool write_config(std::uint64_t offset, std::span<const std::byte> bytes) override;

    // For the control socket. Pages are of 4 KiB.
    [[nodiscard]] const BalloonOptions& options() const { return options_; }
    void set_target(std::uint32_t pages);
    [[nodiscard]] std::uint32_t target_pages() const { return config_.num_pages; }
    /// Pages in the balloon now, as hv has counted them.
    [[nodiscard]] std::uint64_t ballooned_pages() const { return ballooned_.count(); }
    /// Pages (free ones, and zero pages in use) that the guest has reported and hv has given back since the start.
    [[nodiscard]] std::uint64_t reported_pages() const { return reported_; }

    /// Asks the driver for fresh statistics, unless a request is pending or the driver has no statistics.
    void request_statistics();
    [[nodiscard]] const BalloonStatistics& statistics() const { return statistics_; }
    /// Asks for statistics at this interval; 0: only on request.
    void set_statistics_interval(std::uint16_t seconds);

    /// Starts free page hinting: the guest names free pages, which a migration may leave out. `acknowledge`: once the
    /// guest has named all, hv ends the round by itself, and the guest uses these pages again. False: not offered.
    [[nodiscard]] bool start_hinting(bool acknowledge);
    void stop_hinting();
    struct HintingStatus {
        std::uint32_t host_command;   ///< 0 = stop, 1 = done, otherwise the number of the round
        std::uint32_t guest_command;  ///< the last command that the guest has acknowledged
    };
    [[nodiscard]] HintingStatus hinting_status() const;
    [[nodiscard]] std::uint64_t hinted_pages() const { return hinted_.count(); }

private:
    static constexpr std::uint32_t ring_size = 128;
    enum class Role : std::uint8_t { inflate, deflate, statistics, hinting, reporting };
    /// A queue's chain in work, which may take several turns of the loop.
    struct Work {
        /// Allocates the buffers at the queue's first use: most machines never use most queues.
        void make_room(std::size_t segments) {
            space.resize(segments);
            names.resize(segments);
        }
        std::vector<iovec> space;
        std::vector<NamedRange> names;
        std::optional<NamingChain> chain;
        ChainReader frames;     ///< inflate, deflate: the unread part of the array
        std::size_t range = 0;  ///< hinting, reporting: the range in work, and how much of it is done
        std::uint32_t done = 0;
        std::uint64_t continuation = 0;  ///< timer, 0 = none
    };

    void started(std::uint64_t features) override;
    void serve(std::uint32_t queue) override;
    void stopped() override;
    void forget() override;

    void continue_later(std::uint32_t queue);
    bool work(std::uint32_t queue, std::size_t& budget);
    bool take_chain(std::uint32_t queue);
    bool take_frames(Work& work, Role role, std::size_t& budget);
    bool take_ranges(Work& work, Role role, std::size_t& budget);
    void take_part(Role role, const GuestPages::Range& part);
    void hear_hinting_command(ChainReader text);
    void set_hinting_command(std::uint32_t command);
    void take_statistics(std::uint32_t queue);
    void poll_statistics();
    [[nodiscard]] std::optional<std::uint32_t> queue_of(Role role) const;
    [[nodiscard]] bool discards_reports() const;

    EventLoop& loop_;
    BalloonOptions options_;
    std::vector<Role> roles_;  ///< index: queue
    std::uint64_t features_;
    const GuestPages* pages_ = nullptr;
    virtio_balloon_config config_{};

    std::uint64_t accepted_ = 0;
    std::array<Work, tenon::abi::max_queues> work_;
    PageSet ballooned_;
    std::uint64_t reported_ = 0;

    BalloonStatistics statistics_;
    std::optional<std::uint16_t> statistics_buffer_;  ///< head of the chain that hv returns to ask for statistics
    std::uint64_t poll_timer_ = 0;

    PageSet hinted_;
    std::uint32_t hinting_round_ = VIRTIO_BALLOON_CMD_ID_DONE;
    std::uint32_t guest_command_ = VIRTIO_BALLOON_CMD_ID_STOP;
    bool acknowledge_hints_ = false;
};

}  // namespace hv
