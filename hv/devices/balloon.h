// SPDX-License-Identifier: Apache-2.0
// virtio-balloon: memory that a guest gives back, and what it says of the rest (virtio 1.2, section 5.5).
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

/// What a guest claims is never taken for granted: a page is in the balloon if it is the guest's to give, and was not
/// there before; anything else is counted as refused, and has no effect. Queues are numbered without gaps over what is
/// offered, as QEMU and Firecracker do it, and drivers expect it.
class BalloonDevice final : public RingDevice {
public:
    /// `loop` outlives the device.
    BalloonDevice(EventLoop& loop, const BalloonOptions& options);
    ~BalloonDevice() override;

    /// The machine's RAM, before a driver can reach the device; it outlives the device's last use.
    void attach(const GuestPages& pages) { pages_ = &pages; }

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return "balloon0"; }
    [[nodiscard]] std::uint64_t features() const override { return features_; }
    [[nodiscard]] std::uint32_t queue_count() const override { return static_cast<std::uint32_t>(roles_.size()); }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override { return std::as_bytes(std::span(&config_, 1)); }
    [[nodiscard]] bool write_config(std::uint64_t offset, std::span<const std::byte> bytes) override;

    // For those who manage the machine's memory; pages are of 4 KiB.
    [[nodiscard]] const BalloonOptions& options() const { return options_; }
    void set_target(std::uint32_t pages);
    [[nodiscard]] std::uint32_t target_pages() const { return config_.num_pages; }
    /// In the balloon now: counted by hv, not claimed by the guest.
    [[nodiscard]] std::uint64_t ballooned_pages() const { return ballooned_.count(); }
    /// Free pages, and zero pages in use, that were reported and given back since the device was made.
    [[nodiscard]] std::uint64_t reported_pages() const { return reported_; }

    /// Asks the driver for fresh statistics, if it is not asked already and has them at all.
    void request_statistics();
    [[nodiscard]] const BalloonStatistics& statistics() const { return statistics_; }
    /// 0: not by itself.
    void set_statistics_interval(std::uint16_t seconds);

    /// Free page hinting: which pages a migration may leave out. `acknowledge`: when the guest has named all it has, hv
    /// says at once that it is done, and the guest takes its pages back. False: hinting is not offered.
    [[nodiscard]] bool start_hinting(bool acknowledge);
    void stop_hinting();
    struct HintingStatus {
        std::uint32_t host_command;   ///< 0 stop, 1 done, else the number of the round
        std::uint32_t guest_command;  ///< the last one that the guest took up
    };
    [[nodiscard]] HintingStatus hinting_status() const;
    [[nodiscard]] std::uint64_t hinted_pages() const { return hinted_.count(); }

private:
    static constexpr std::uint32_t ring_size = 128;
    enum class Role : std::uint8_t { inflate, deflate, statistics, hinting, reporting };
    /// A chain that is worked on over several turns of the loop.
    struct Work {
        /// At a queue's first use: most machines never use most of them.
        void make_room(std::size_t segments) {
            space.resize(segments);
            names.resize(segments);
        }
        std::vector<iovec> space;
        std::vector<NamedRange> names;
        std::optional<NamingChain> chain;
        ChainReader frames;     ///< inflate, deflate: the rest of the array
        std::size_t range = 0;  ///< hinting, reporting: the one that is worked on, and how much of it is done
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
    std::optional<std::uint16_t> statistics_buffer_;  ///< head of the chain that the driver gets back as a request
    std::uint64_t poll_timer_ = 0;

    PageSet hinted_;
    std::uint32_t hinting_round_ = VIRTIO_BALLOON_CMD_ID_DONE;
    std::uint32_t guest_command_ = VIRTIO_BALLOON_CMD_ID_STOP;
    bool acknowledge_hints_ = false;
};

}  // namespace hv
