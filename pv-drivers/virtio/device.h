// SPDX-License-Identifier: Apache-2.0
// The base class of drivers: the life of a device (virtio 1.2, section 3).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "hypercall/layout.h"
#include "pv-drivers/virtio/features.h"
#include "pv-drivers/virtio/transport.h"

namespace tenon::virtio {

/// A driver derives from it and calls start() once, restart() when it finds the device broken. Neither is for interrupt
/// context; the derived class sees to it that no other thread uses the queues meanwhile.
///
/// Interrupts: queues_used() may be called from bring-up on, also before start() has returned; status_changed() once
/// the device runs, also before start() has returned. After shut_down(), or a bring-up that failed, neither is called.
/// A driver that frees itself after a successful start() calls shut_down() first: in its destructor, not in ~Device,
/// where its members are gone.
class Device : public Listener {
public:
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    struct QueueWish {
        std::uint16_t size;                  ///< at most; the device may have less
        std::uint16_t indirect_entries = 0;  ///< used if INDIRECT_DESC is negotiated
    };

protected:
    explicit Device(Transport& transport) : transport_(transport) {}
    ~Device();

    /// For drivers whose choice of features depends on the device. Reads its registers; to be called before prepare().
    [[nodiscard]] bool offers(unsigned feature) { return (transport_.offered_features() & feature_bit(feature)) != 0; }
    [[nodiscard]] bool has_queue(std::uint32_t index) { return transport_.queue_limit(index) != 0; }

    /// Notes the driver's choice and does not touch the device: the first restart() brings it up. For devices that a
    /// program may never use: bringing one up adds some 40 us to a machine's start.
    void prepare(const FeatureWish& features, std::span<const QueueWish> queues);

    /// Section 3.1.1: from reset to DRIVER_OK. Errors: not_supported (features, a queue is missing), no_memory,
    /// device_broken (also if it asks for a reset meanwhile), timed_out. On an error the device is shut down.
    [[nodiscard]] Result<> start(const FeatureWish& features, std::span<const QueueWish> queues) {
        prepare(features, queues);
        return bring_up();
    }

    /// After DEVICE_NEEDS_RESET or wrong contents of a ring (section 2.1.2): resets the device, calls `lost(queue,
    /// cookie)` for every chain that the device had, and brings the device up with empty queues. A device that breaks
    /// again and again stays off.
    template <typename Lost>
    [[nodiscard]] Result<> restart(Lost&& lost) {
        if (const Result<> stopped = stop_for_restart(); !stopped) return stopped;
        for (std::uint32_t index = 0; index < queue_count_; ++index)
            while (void* cookie = queues_[index].take_unused()) lost(index, cookie);
        return bring_up();
    }

    /// Section 3.3: resets the device, which then touches no ring and no buffer, and ignores its interrupts. Chains
    /// that are out stay out.
    void shut_down();

    [[nodiscard]] Virtqueue& queue(std::uint32_t index) { return queues_[index]; }
    [[nodiscard]] const Virtqueue& queue(std::uint32_t index) const { return queues_[index]; }
    void publish_and_notify(std::uint32_t index) {
        if (queues_[index].publish()) notify(index);
    }
    void notify(std::uint32_t index) {
        notifications_.fetch_add(1, std::memory_order_relaxed);
        transport_.notify(index);
    }
    [[nodiscard]] bool has_feature(unsigned number) const { return (features_ & feature_bit(number)) != 0; }
    [[nodiscard]] std::uint64_t notifications() const { return notifications_.load(std::memory_order_relaxed); }

    /// The device is up, has not asked for a reset, and all rings were correct so far.
    [[nodiscard]] bool running() const {
        if (!running_ || needs_reset_.load(std::memory_order_relaxed)) return false;
        for (std::uint32_t index = 0; index < queue_count_; ++index)
            if (queues_[index].broken()) return false;
        return true;
    }

    /// Reads a field of the device's configuration, which is little-endian.
    template <typename T>
    [[nodiscard]] T read_configuration(std::size_t offset) {
        T value;
        transport_.read_configuration(offset, std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }

    /// Writes a field of the device's configuration that the driver may write; from negotiated() on.
    template <typename T>
    void write_configuration(std::size_t offset, T value) {
        transport_.write_configuration(offset, std::as_bytes(std::span(&value, 1)));
    }

    /// Called in every bring-up, after FEATURES_OK and before the queues are set up: a driver whose queues depend on
    /// the features calls set_queues() here, and writes the configuration fields that the device needs before
    /// DRIVER_OK.
    virtual void negotiated() {}
    void set_queues(std::span<const QueueWish> queues);

    /// Interrupt context. The device broke, or its configuration differs: drivers wake a thread that looks at it.
    virtual void status_changed() {}

private:
    void configuration_changed() final;
    [[nodiscard]] Result<> bring_up();
    [[nodiscard]] Result<> bring_up_steps();
    [[nodiscard]] Result<> set_up_queue(std::uint32_t index);
    [[nodiscard]] Result<> stop_for_restart();

    static constexpr unsigned most_restarts = 16;

    Transport& transport_;
    FeatureWish wish_{};
    std::array<QueueWish, abi::max_queues> queue_wishes_{};
    std::array<Virtqueue, abi::max_queues> queues_{};
    std::array<QueueMemory, abi::max_queues> memory_{};
    std::uint32_t queue_count_ = 0;
    std::uint64_t features_ = 0;
    unsigned restarts_ = 0;
    std::atomic<bool> running_ = false;
    std::atomic<bool> needs_reset_ = false;
    std::atomic<std::uint64_t> notifications_ = 0;
};

}  // namespace tenon::virtio
