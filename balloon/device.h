// SPDX-License-Identifier: Apache-2.0
// The balloon device, as a place to which buffers are given and from which they come back (virtio 1.2, section 5.5).
#pragma once

#include <atomic>
#include <span>

#include "balloon/queue_layout.h"
#include "kernel/sched/wait.h"
#include "kernel/trap/spin_lock.h"
#include "pv-drivers/virtio/device.h"

namespace tenon::balloon {

using virtio::Piece;

enum class Direction { device_reads, device_writes };

/// Several threads, and code with interrupts masked, may have buffers at the device at the same time: one lock holds
/// the queues for the moment of adding and taking back. A device that lies or stays silent for too long is reset, and
/// then touches no buffer any more: every exchange that is under way ends with an error.
class BalloonDevice final : public virtio::Device {
public:
    /// `changed(context)` runs, also in interrupt context, when the configuration may differ or buffers came back.
    BalloonDevice(virtio::Transport& transport, void (*changed)(void*), void* context);
    ~BalloonDevice() { shut_down(); }

    /// Brings the device up, first of all and whenever it was lost. One thread, which holds nothing that an allocation
    /// may wait for. Errors: those of Device::restart.
    [[nodiscard]] Result<> bring_up();
    /// Buffers are taken.
    [[nodiscard]] bool usable() const { return usable_.load() && running(); }
    /// Resets the device; exchanges under way end. Callable with interrupts masked.
    void give_up();

    [[nodiscard]] bool has(Role role) const { return layout_.has(role); }
    [[nodiscard]] bool has_feature(unsigned number) const { return Device::has_feature(number); }

    /// Gives the device a buffer for each `pieces_per_chain` pieces, rings once for as many as fit into the queue, and
    /// returns when it has used all of them. With interrupts masked it polls. Errors: not_supported (no such queue),
    /// device_broken, timed_out: the device has been reset.
    [[nodiscard]] Result<> exchange(Role role, Direction direction, std::span<const Piece> pieces,
                                    std::size_t pieces_per_chain = 1);

    /// What an exchange with this role writes to, besides this object.
    [[nodiscard]] std::span<const std::byte> private_memory(Role role) const {
        return queue(layout_.index(role)).private_memory();
    }

    /// A buffer that stays at the device until that wants something (statistics).
    struct Parked {
        bool out = false;
    };
    /// Takes a parked buffer back if the device has used it; false: it has not, or it was never given.
    [[nodiscard]] bool parked_came_back(Role role, Parked& parked);
    [[nodiscard]] Result<> park(Role role, Direction direction, const Piece& piece, Parked& parked);

    // Configuration (section 5.5.4); not with interrupts masked.
    [[nodiscard]] std::uint32_t target() { return read_configuration<std::uint32_t>(num_pages_offset); }
    /// Only what a configuration-change notification has announced: QEMU shows a round's number until the driver has
    /// taken it up, and 0 from then on.
    [[nodiscard]] std::uint32_t hint_command() { return read_configuration<std::uint32_t>(hint_command_offset); }
    /// Notifications of a changed configuration so far; a bring-up counts as one.
    [[nodiscard]] std::uint32_t configuration_changes() const { return configuration_changes_.load(); }
    void write_actual(std::uint32_t pages) { write_configuration(actual_offset, pages); }

private:
    static constexpr std::size_t num_pages_offset = 0, actual_offset = 4, hint_command_offset = 8, poison_offset = 12;
    /// A machine that is stopped for a while, or a host with no time, is no broken device.
    static constexpr Nanoseconds patience = 20'000'000'000;

    /// Buffers that were given together; the cookie of each of their chains. Parked ones have a batch of their own.
    struct Batch {
        std::uint32_t out = 0;
        bool lost = false;
        Parked* parked = nullptr;
    };
    enum class Progress { all_used, waiting, lost };

    void negotiated() override;
    void queues_used() override { wake(); }
    void status_changed() override {
        configuration_changes_.fetch_add(1);
        wake();
    }
    void wake();

    // With lock_ held.
    void take_back(Role role);
    [[nodiscard]] bool add(Role role, Direction direction, std::span<const Piece> pieces, Batch& batch);
    void lose_everything();

    [[nodiscard]] Progress advance(Role role, Direction direction, std::span<const Piece>& left,
                                   std::size_t pieces_per_chain, Batch& batch);
    void wait_for_change(Role role, std::uint32_t seen, const Batch& batch, Nanoseconds deadline);

    void (*changed_)(void*);
    void* context_;
    QueueLayout layout_;
    SpinLock lock_{"balloon queues"};
    WaitQueue waiting_{"balloon"};
    std::atomic<std::uint32_t> changes_ = 0;  // interrupts, and buffers taken back by somebody else
    std::atomic<std::uint32_t> configuration_changes_ = 0;
    std::atomic<bool> usable_ = false;
    Batch parked_batch_;
};

}  // namespace tenon::balloon
