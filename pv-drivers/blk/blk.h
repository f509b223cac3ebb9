// SPDX-License-Identifier: Apache-2.0
// The block device's driver (virtio 1.2, section 5.2).
#pragma once

#include <array>
#include <atomic>

#include "kernel/device/block_device.h"
#include "kernel/trap/spin_lock.h"
#include "pv-drivers/virtio/device.h"

namespace tenon::virtio {

/// Data is not copied: descriptors point at the submitter's parts. Requests complete in the interrupt handler.
/// attend(), in a thread, restarts a device that broke and reads the size of one that was resized.
class Blk final : public Device, public BlockDevice {
public:
    /// Brings a device up. `changed(context)` is called, in interrupt context, when attend() is needed.
    /// Errors: those of Device::start; not_supported (a block size or capacity that cannot be).
    static Result<Blk*> create(Transport& transport, void (*changed)(void* context), void* context);
    /// The same with a thread that calls attend(). Errors: those of create(), no_memory (for the thread).
    static Result<Blk*> probe(Transport& transport);
    ~Blk() override;

    /// Restarts the device if it broke: requests in flight complete with device_broken. A device stays off if it breaks
    /// again and again, or if its block size or access has changed. Otherwise takes over a changed capacity.
    void attend();

    [[nodiscard]] BlockStatistics statistics() const override;
    void hold_writes() override;
    void release_writes() override;
    [[nodiscard]] const std::atomic<std::uint32_t>& writes_under_way() const override { return writes_under_way_; }
    static constexpr std::size_t most_parts = 16;

private:
    static constexpr std::uint32_t request_queue = 0;  // section 5.2.2, without MQ
    static constexpr std::uint16_t most_requests = 128;

    /// The unit of the capacity and of requests, whatever the block size is (sections 5.2.4 and 5.2.6).
    static constexpr std::uint64_t sector = 512;

    /// Memory of a request that the device reads and writes, besides the data.
    struct Frame {
        virtio_blk_outhdr header;
        virtio_blk_discard_write_zeroes range;  ///< follows the header (section 5.2.6)
        std::uint8_t status;
        std::uint8_t padding[15];
    };
    static_assert(sizeof(Frame) == 48);
    /// A request that the device has. It uses the frame of the same number.
    struct Slot {
        BlockRequest* request;
        Slot* next;
    };

    Blk(Transport& transport, void (*changed)(void*), void* context)
        : Device(transport), changed_(changed), context_(context) {}
    [[nodiscard]] Result<> initialize();
    [[nodiscard]] Result<> read_identity();
    [[nodiscard]] Result<std::uint64_t> read_size(std::uint32_t block);
    void read_topology();
    void read_range_limits();
    void recover();
    void take_over_size();
    void start(IntrusiveList<BlockRequest>& requests) override;
    void queues_used() override;
    void status_changed() override;

    // With lock_ held.
    void start_waiting();
    [[nodiscard]] bool give_to_device(BlockRequest& request);
    void harvest(IntrusiveList<BlockRequest>& done);
    void account(BlockRequest& request);
    void take_off(Slot& slot, Result<> result, IntrusiveList<BlockRequest>& done);
    void fail_all(IntrusiveList<BlockRequest>& waiting, IntrusiveList<BlockRequest>& done);

    static void complete(IntrusiveList<BlockRequest>& done);
    void ring_if(bool needed) {
        if (needed) notify(request_queue);
    }

    void (*changed_)(void* context);
    void* context_;
    mutable SpinLock lock_{"disk"};
    bool up_ = false;        ///< the queue may be used
    bool given_up_ = false;  ///< stays off
    bool held_ = false;      ///< writes wait
    bool can_flush_ = false;
    Frame* frames_ = nullptr;  // in the DMA zone
    std::array<Slot, most_requests> slots_{};
    Slot* free_slots_ = nullptr;
    IntrusiveList<BlockRequest> waiting_;         ///< for room in the ring
    IntrusiveList<BlockRequest> waiting_writes_;  ///< while writes are held
    std::atomic<std::uint32_t> writes_under_way_ = 0;
    BlockStatistics statistics_{};
};

}  // namespace tenon::virtio
