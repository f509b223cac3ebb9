// SPDX-License-Identifier: Apache-2.0
// virtio over the device page and two hypercalls (hypercall/devices.h): no register is emulated.
#pragma once

#include <array>
#include <concepts>
#include <cstring>
#include <initializer_list>

#include "hypercall/calls.h"
#include "hypercall/devices.h"
#include "pv-drivers/virtio/transport.h"

namespace tenon::virtio {

/// The calls that the transport makes; tests provide others.
template <typename T>
concept HypercallHost = requires(T host, abi::Call call, std::initializer_list<std::uint64_t> arguments,
                                 std::span<const std::byte> data, std::uint32_t doorbell) {
    { host.call(call, arguments, data) } -> std::same_as<std::int64_t>;
    host.ring(doorbell);
};

/// The device's record has all information about it, and one device_setup call at the end tells hv everything: most
/// steps only store values.
template <HypercallHost Host>
class HypercallTransport : public Transport {
public:
    HypercallTransport(const abi::DeviceRecord& record, std::uint32_t index, Host host)
        : record_(record), index_(index), host_(host) {}

    [[nodiscard]] const char* name() const override { return "hypercall"; }
    [[nodiscard]] std::uint32_t device_id() const override { return record_.device_id; }
    [[nodiscard]] std::uint64_t offered_features() override { return record_.features; }
    [[nodiscard]] std::uint32_t queue_limit(std::uint32_t queue) override {
        return queue < record_.queue_count && queue < abi::max_queues ? record_.queue_size[queue] : 0;
    }

    [[nodiscard]] Result<> reset() override {
        queues_ = {};
        // A device that was never set up needs no reset: the first start saves the call.
        if (!set_up_) return {};
        if (host_.call(abi::Call::device_reset, {index_}, {}) < 0) return fail(Error::device_broken);
        set_up_ = false;
        return {};
    }

    void acknowledge() override {}

    [[nodiscard]] Result<> accept_features(std::uint64_t features) override {
        if ((features & ~record_.features) != 0) return fail(Error::invalid_argument);
        features_ = features;
        return {};
    }

    [[nodiscard]] Result<> set_up_queue(std::uint32_t queue, std::uint16_t size,
                                        const QueueAddresses& addresses) override {
        if (size > queue_limit(queue)) return fail(Error::not_supported);
        queues_[queue] = {.size = size,
                          .reserved = 0,
                          .descriptors = to_integer(addresses.descriptors),
                          .driver = to_integer(addresses.driver),
                          .device = to_integer(addresses.device)};
        return {};
    }

    [[nodiscard]] Result<> driver_ok() override {
        const std::uint32_t count = record_.queue_count < abi::max_queues ? record_.queue_count : abi::max_queues;
        const auto data = std::as_bytes(std::span(queues_).first(count));
        set_up_ = true;  // also if the call fails: only a reset makes sure that the device uses no ring
        if (host_.call(abi::Call::device_setup, {index_, features_, count}, data) < 0)
            return fail(Error::not_supported);
        return {};
    }

    void give_up() override { (void)reset(); }

    [[nodiscard]] bool needs_reset() override {
        return (record_.status.load(std::memory_order_acquire) & VIRTIO_CONFIG_S_NEEDS_RESET) != 0;
    }

    void notify(std::uint32_t queue) override { host_.ring(record_.doorbell[queue]); }

    void read_configuration(std::size_t offset, std::span<std::byte> bytes) override {
        // A sequence lock: odd while hv writes. Many attempts, because hv may be preempted while it writes.
        for (unsigned attempt = 0; attempt < 1'000'000; ++attempt) {
            const std::uint32_t generation = record_.config_generation.load(std::memory_order_acquire);
            const std::size_t size =
                record_.config_size < sizeof(record_.config) ? record_.config_size : sizeof(record_.config);
            std::memset(bytes.data(), 0, bytes.size());
            if (offset < size)
                std::memcpy(bytes.data(), record_.config + offset,
                            bytes.size() < size - offset ? bytes.size() : size - offset);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (generation % 2 == 0 && record_.config_generation.load(std::memory_order_relaxed) == generation) return;
        }
    }

    void write_configuration(std::size_t offset, std::span<const std::byte> bytes) override {
        // If the device refuses, its configuration is unchanged, and the driver can do nothing about it.
        (void)host_.call(abi::Call::device_configure, {index_, offset, bytes.size()}, bytes);
    }

    void listen(Listener* listener) override { listener_ = listener; }

protected:
    [[nodiscard]] std::uint32_t index() const { return index_; }
    [[nodiscard]] Listener* listener() const { return listener_; }

private:
    const abi::DeviceRecord& record_;
    std::uint32_t index_;
    Host host_;
    Listener* listener_ = nullptr;
    std::uint64_t features_ = 0;
    bool set_up_ = false;
    std::array<abi::QueueSetup, abi::max_queues> queues_{};
};

}  // namespace tenon::virtio
