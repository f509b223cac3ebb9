// SPDX-License-Identifier: Apache-2.0
// The balloon device: giving it buffers, and taking them back (virtio 1.2, section 5.5).
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

/// Several threads, and code with interrupts masked, may have buffers at the device at the same time; one lock guards
/// the queues while buffers are added and taken back. A device that breaks the rules, or does not answer for too long,
/// is reset and then touches no buffer: every exchange in progress ends with an error.
class BalloonDevice final : public virtio::Device {
public:
    /// `changed(context)` runs, also in interrupt context, when the configuration may have changed or buffers came
    /// back.
    BalloonDevice(virtio::Transport& transport, void (*changed)(void*), void* context);
    ~BalloonDevice() { shut_down(); }

    /// Brings the device up, at first and whenever it broke. One thread, which holds no lock that an allocation may
    /// wait for. Errors: those of Device::restart.
    [[nodiscard]] Result<> bring_up();
    /// The device takes buffers.
    [[nodiscard]] bool usable() const { return usable_.load() && running(); }
    /// Resets the device; exchanges in progress end. Callable with interrupts masked.
    void give_up();

    [[nodiscard]] bool has(Role role) const { return layout_.has(role); }
    [[nodiscard]] bool has_feature(unsigned number) const { return Device::has_feature(number); }

    /// Gives the device a buffer for each `pieces_per_chain` pieces, with one notification for as many as fit into the
    /// queue, and returns when the device has used all of them. Polls if interrupts are masked. Errors: not_supported
    /// (no such queue); device_broken and timed_out, after which the device has been reset.
    [[nodiscard]] Result<> exchange(Role role, Direction direction, std::span<const Piece> pieces,
                                    std::size_t pieces_per_chain = 1);

    /// Memory that an exchange with this role writes to, besides this object.
    [[nodiscard]] std::span<const std::byte> private_memory(Role role) const {
        return queue(layout_.index(role)).private_memory();
    }

    /// A buffer that stays at the device until the device needs it (statistics).
    struct Parked {
        bool out = false;
    };
    /// Takes a parked buffer back if the device has used it. False: it has not, or does not have the buffer.
    [[nodiscard]] bool parked_came_back(Role role, Parked& parked);
    [[nodiscard]] Result<> park(Role role, Direction direction, const Piece& piece, Parked& parked);

    // Configuration (section 5.5.4); not with interrupts masked.
    [[nodiscard]] std::uint32_t target() { return read_configuration<std::uint32_t>(num_pages_offset); }
    /// To be read after a configuration-change notification only: QEMU shows a round's number until the driver has read
    /// it, and 0 afterwards.
    [[nodiscard]] std::uint32_t hint_command() { return read_configuration<std::uint32_t>(hint_command_offset); }
    /// How many configuration-change notifications there were; a bring-up counts as one.
    [[nodiscard]] std::uint32_t configuration_changes() const { return configuration_changes_.load(); }
    void write_actual(std::uint32_t pages) { write_configuration(actual_offset, pages); }

private:
    static constexpr std::size_t num_pages_offset = 0, actual_offset = 4, hint_command_offset = 8, poison_offset = 12;
    /// Long, because the machine may be stopped for a while, or the host may be busy: QEMU keeps hints while it looks
    /// for pages that were written.
    static constexpr Nanoseconds patience = 60'000'000'000;

    /// Buffers that were given together; the cookie of each of their chains. A parked buffer has its own batch.
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
    std::atomic<std::uint32_t> changes_ = 0;  // interrupts, and buffers that other threads took back
    std::atomic<std::uint32_t> configuration_changes_ = 0;
    std::atomic<bool> usable_ = false;
    Batch parked_batch_;
};

}  // namespace tenon::balloon
