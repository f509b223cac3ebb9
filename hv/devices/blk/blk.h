// SPDX-License-Identifier: Apache-2.0
// virtio-blk: a disk image as the guest's disk (virtio 1.2, section 5.2).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "hv/core/counters.h"
#include "hv/core/event_loop.h"
#include "hv/core/rate_limiter.h"
#include "hv/devices/blk/disk_image.h"
#include "hv/devices/blk/io_engine.h"
#include "hv/devices/blk/request.h"
#include "hv/devices/ring_device.h"

namespace hv {

/// hv copies no data: the host's kernel moves it between the image's page cache and the guest's buffers. Many requests
/// are in flight; hv submits all requests of one notification in one call, and completes them by one interrupt.
class BlkDevice final : public RingDevice, private IoListener {
public:
    /// `loop` outlives the device. `identity`: the disk's serial number as the driver reads it, cut to 20 bytes.
    BlkDevice(EventLoop& loop, std::uint32_t number, DiskImage image, std::unique_ptr<IoEngine> engine,
              std::string identity);
    ~BlkDevice() override;

    [[nodiscard]] std::uint32_t device_id() const override;
    [[nodiscard]] const char* name() const override { return name_.c_str(); }
    [[nodiscard]] std::uint64_t features() const override;
    [[nodiscard]] std::uint32_t queue_count() const override { return 1; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return ring_size; }
    [[nodiscard]] std::span<const std::byte> config() const override;

    /// Takes over the size that the image has now, and interrupts the driver if it differs (5.2.4: a change of the
    /// capacity). Errors: those of DiskImage::present_size.
    Result<> reread_size();

    /// Takes the place of the former limits at once; in both directions together. Bytes are those that are read and
    /// written, operations all requests that reach the storage.
    void limit(const RateLimits& limits);

    static constexpr std::uint32_t ring_size = 128;

    /// "vda", "vdb" and so on, as guests name their disks in the order of the devices. `number` is below 26.
    [[nodiscard]] static std::string guest_name(std::uint32_t number) {
        return std::string("vd") + static_cast<char>('a' + number);
    }

private:
    static constexpr std::uint32_t queue = 0;

    /// A request in flight. There are as many slots as the ring can hold chains.
    struct Slot {
        DiskRequest request;
        std::uint16_t head;
        std::byte* status;
        std::uint32_t attempts;  ///< successive attempts that the host answered with "try again"
        std::span<iovec> left;   ///< data not yet transferred; its first parts are in flight
        std::size_t parts;       ///< how many parts of `left` are in flight
        std::uint64_t part_bytes;
        std::uint64_t cut;  ///< bytes by which the last part in flight is shortened
        std::array<iovec, ring_size> space;
    };

    /// Counters of this disk, under the guest's name for it.
    struct Counters {
        explicit Counters(const char* disk)
            : reads("blk.reads", "disk", disk),
              writes("blk.writes", "disk", disk),
              flushes("blk.flushes", "disk", disk),
              discards("blk.discards", "disk", disk),
              write_zeroes("blk.write_zeroes", "disk", disk),
              read_bytes("blk.read_bytes", "disk", disk),
              written_bytes("blk.written_bytes", "disk", disk),
              discarded_bytes("blk.discarded_bytes", "disk", disk),
              zeroed_bytes("blk.zeroed_bytes", "disk", disk),
              flush_errors("blk.flush_errors", "disk", disk),
              io_errors("blk.io_errors", "disk", disk),
              refused("blk.refused", "disk", disk),
              limited("blk.limited", "disk", disk),
              capacity("blk.capacity_bytes", "disk", disk) {}
        InstanceCounter reads, writes, flushes, discards, write_zeroes;
        InstanceCounter read_bytes, written_bytes, discarded_bytes, zeroed_bytes;
        InstanceCounter flush_errors, io_errors, refused, limited;
        InstanceCounter capacity;  ///< a present amount
    };

    void started(std::uint64_t features) override;
    void serve(std::uint32_t queue) override;
    void stopped() override;
    void quiesced() override;
    void io_completed(std::uint32_t tag, std::int32_t result) override;
    void io_batch_completed() override;

    void run_turn();
    [[nodiscard]] bool take_requests();
    void begin(std::uint16_t index, const Chain& chain);
    void start(std::uint16_t index);
    void start_transfer(std::uint16_t index);
    void go_on(std::uint16_t index);
    [[nodiscard]] bool must_wait();
    void advance(Slot& slot, std::uint64_t bytes);
    void identify(std::uint16_t index);
    void fail_flush(std::uint16_t index, std::int32_t result);
    void finish(std::uint16_t index, std::uint8_t status, std::uint64_t written);
    [[nodiscard]] bool turn_is_over() const;
    void go_on_after(std::uint64_t delay_ns);

    EventLoop& loop_;
    DiskImage image_;
    std::unique_ptr<IoEngine> engine_;
    DiskShape shape_;
    std::string name_;
    std::string guest_name_;
    Counters counters_;
    std::string identity_;
    virtio_blk_config config_{};
    bool write_through_ = false;  ///< the driver has not negotiated FLUSH
    bool flush_failed_ = false;   ///< the host has lost data that the driver has written: no flush succeeds any more

    std::unique_ptr<Slot[]> slots_;    ///< pages become resident by the number of requests in flight
    std::vector<std::uint16_t> free_;  ///< a stack: the slot freed last is reused first
    std::uint16_t never_used_ = 0;     ///< the first slot that was never used
    bool in_turn_ = false;
    bool unsubmitted_ = false;
    std::uint64_t turn_bytes_ = 0;
    std::uint32_t turn_requests_ = 0;
    std::uint64_t continuation_ = 0;  ///< timer, 0 = none

    RateLimiter limiter_;
    std::uint64_t limit_wait_ns_ = 0;           ///< in this turn the limit was reached; 0: it was not
    std::vector<std::uint16_t> limited_parts_;  ///< transfers whose next part waits for the limit, the oldest first

    struct Completion {
        std::uint32_t tag;
        std::int32_t result;
    };
    std::vector<Completion> held_;  ///< came while the machine was paused: handled at resume
};

}  // namespace hv
