// SPDX-License-Identifier: Apache-2.0
// The network device's driver: mergeable receive buffers, checksum offload (virtio 1.2, section 5.1).
#pragma once

#include <atomic>

#include "kernel/device/net_device.h"
#include "pv-drivers/net/receive_pool.h"
#include "pv-drivers/virtio/device.h"

namespace tenon::virtio {

/// Threading as for NetDevice. Nothing is copied: descriptors point at the stack's buffers, and the stack gets received
/// frames in the driver's buffers.
class Net final : public Device, public NetDevice {
public:
    /// Makes an interface of the device and registers it. Errors: those of Device::start.
    static Result<> probe(Transport& transport);

    [[nodiscard]] MacAddress mac() const override { return mac_; }
    [[nodiscard]] std::uint32_t mtu() const override { return mtu_; }
    [[nodiscard]] bool link_up() const override { return link_up_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool checksum_offload() const override { return has_feature(VIRTIO_NET_F_CSUM); }
    [[nodiscard]] bool segmentation_offload(bool ipv6) const override {
        return checksum_offload() && has_feature(ipv6 ? VIRTIO_NET_F_HOST_TSO6 : VIRTIO_NET_F_HOST_TSO4);
    }
    [[nodiscard]] std::size_t header_space() const override { return sizeof(virtio_net_hdr_v1); }
    [[nodiscard]] std::size_t part_limit() const override { return most_parts; }
    void start(void (*on_work)(void* context), Receive receive, Sent sent, void* context) override;
    bool poll(std::uint32_t budget) override;
    bool reclaim() override;
    bool transmit(const TransmitFrame& frame) override;
    void flush() override;
    [[nodiscard]] NetStatistics statistics() const override;

    ~Net() override { shut_down(); }

private:
    explicit Net(Transport& transport) : Device(transport) {}

    // Section 5.1.2, without multiqueue.
    enum Queue : std::uint32_t { receive_queue = 0, transmit_queue = 1 };
    static constexpr std::uint16_t transmit_size = 256;
    static constexpr std::uint16_t most_parts = 32;

    Result<> initialize();
    void read_identity();
    void follow_link();
    void queues_used() override;
    void status_changed() override;
    static void buffers_returned(void* self) { static_cast<Net*>(self)->wake(); }
    void wake() const {
        if (wake_ != nullptr) wake_(context_);
    }
    void fill_receive_queue();
    [[nodiscard]] bool recover();
    /// Takes one frame from the ring and hands it to the stack. False: there is none, or the device is broken.
    [[nodiscard]] bool receive_one();
    void reclaim_some(std::uint32_t limit);

    MacAddress mac_{};
    std::uint32_t mtu_ = 1500;
    std::atomic<bool> link_up_ = true;
    std::atomic<bool> configuration_changed_ = false;
    bool given_up_ = false;

    ReceivePool pool_;
    std::uint16_t receive_target_ = 0;  // buffers to keep posted: few at first, more when the device needs them
    void (*wake_)(void* context) = nullptr;
    Receive receive_ = nullptr;
    Sent sent_ = nullptr;
    void* context_ = nullptr;
    NetStatistics statistics_{};
    std::atomic<std::uint64_t> interrupts_ = 0;
};

}  // namespace tenon::virtio
