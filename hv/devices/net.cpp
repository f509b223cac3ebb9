// SPDX-License-Identifier: Apache-2.0
// virtio-net: features, configuration, life.
#include "hv/devices/net.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "hv/core/log.h"

namespace hv {

namespace {

Counter doorbells("net.doorbells");
Counter events_sent("net.events_sent");
Counter events_suppressed("net.events_suppressed");
Counter ring_errors("net.ring_errors");
Counter backend_losses("net.backend_losses");

constexpr std::uint64_t bit(unsigned feature) { return 1ULL << feature; }
constexpr std::uint64_t large_receive = bit(VIRTIO_NET_F_GUEST_TSO4) | bit(VIRTIO_NET_F_GUEST_TSO6);

constexpr std::uint64_t ethernet_header = 14;
constexpr std::uint64_t vlan_tag = 4;
/// 5.1.6.3.1: with large receive offload, a buffer takes a frame of 65550 bytes besides its header.
constexpr std::uint64_t largest_segment = 65550;

}  // namespace

NetDevice::NetDevice(EventLoop& loop, NetBackend backend, const std::array<std::uint8_t, 6>& mac)
    : RingDevice({doorbells, events_sent, events_suppressed, ring_errors}), loop_(loop), backend_(std::move(backend)) {
    std::ranges::copy(mac, config_.mac);
    config_.status = VIRTIO_NET_S_LINK_UP;
    config_.mtu = backend_.mtu;
}

NetDevice::~NetDevice() { stopped(); }

std::uint32_t NetDevice::device_id() const { return VIRTIO_ID_NET; }

std::uint64_t NetDevice::features() const {
    return ring_features() | bit(VIRTIO_NET_F_MAC) | bit(VIRTIO_NET_F_STATUS) | bit(VIRTIO_NET_F_MTU) |
           bit(VIRTIO_NET_F_MRG_RXBUF) | backend_.offloads;
}

std::span<const std::byte> NetDevice::config() const {
    // Ends with the last field that the offered features define.
    return std::as_bytes(std::span(&config_, 1)).first(offsetof(virtio_net_config, mtu) + sizeof config_.mtu);
}

void NetDevice::started(std::uint64_t features) {
    mergeable_ = (features & bit(VIRTIO_NET_F_MRG_RXBUF)) != 0;
    const std::uint64_t payload = std::max<std::uint64_t>(backend_.mtu, ETH_DATA_LEN) + ethernet_header + vlan_tag;
    largest_frame_ = sizeof(virtio_net_hdr_v1) + ((features & large_receive) != 0 ? largest_segment : payload);
    // Logged once, because a guest can start its device any number of times.
    if (backend_.kind == NetBackend::Kind::tap && !set_tap_offloads(backend_.fd.get(), features) &&
        !std::exchange(told_of_offloads_, true))
        log_line(fmt::format("{}: the TAP refuses the offloads that were negotiated", name()));
    transmit_space_.resize(ring_size);
}

void NetDevice::stopped() {
    if (watching_) loop_.unwatch(backend_.fd.get());
    watching_ = false;
    watched_ = 0;
    cancel_timers();
    receive_stalled_ = false;
    transmit_stalled_ = false;
    waiting_.reset();
    window_.clear();
}

/// Watches the backend for what the device can go on with: not for frames that would wake the loop and stay where they
/// are, as those of a driver that leaves out the receive queue.
void NetDevice::watch() {
    if (!backend_.fd) return;
    const bool readable = ring(receive_queue) != nullptr && !receive_stalled_ && receive_timer_ == 0;
    const bool writable = ring(transmit_queue) != nullptr && transmit_stalled_;
    const std::uint32_t wanted = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
    if (!watching_) {
        watching_ =
            loop_.watch(backend_.fd.get(), wanted, [this](std::uint32_t events) { on_backend(events); }).has_value();
    } else if (wanted != watched_) {
        loop_.change(backend_.fd.get(), wanted);
    }
    watched_ = wanted;
}

void NetDevice::serve(std::uint32_t queue) {
    if (queue == receive_queue) {
        // New buffers: watch the backend again. The loop reports whether frames wait.
        receive_stalled_ = false;
        watch();
    } else {
        // Also while stalled: a machine that was paused goes on here.
        transmit();
    }
}

void NetDevice::limit(const NetLimits& limits) {
    receive_limiter_ = RateLimiter(limits.rx);
    transmit_limiter_ = RateLimiter(limits.tx);
    cancel_timers();
    if (ring(transmit_queue) != nullptr) transmit();
    if (ring(receive_queue) != nullptr) watch();
}

void NetDevice::cancel_timers() {
    for (std::uint64_t* timer : {&receive_timer_, &transmit_timer_})
        if (*timer != 0) loop_.cancel(std::exchange(*timer, 0));
}

void NetDevice::receive_later(std::uint64_t delay_ns) {
    receive_timer_ = loop_.after(delay_ns, [this] {
        receive_timer_ = 0;
        watch();
    });
    watch();
}

void NetDevice::transmit_later(std::uint64_t delay_ns) {
    if (transmit_timer_ != 0) return;
    transmit_timer_ = loop_.after(delay_ns, [this] {
        transmit_timer_ = 0;
        if (ring(transmit_queue) != nullptr) transmit();
    });
}

void NetDevice::on_backend(std::uint32_t epoll_events) {
    if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0 && (epoll_events & EPOLLIN) == 0) return lose_backend();
    if ((epoll_events & EPOLLIN) != 0 && ring(receive_queue) != nullptr && !receive_stalled_) receive();
    if ((epoll_events & EPOLLOUT) != 0 && ring(transmit_queue) != nullptr && transmit_stalled_) transmit();
}

void NetDevice::lose_backend() {
    log_line(fmt::format("{}: the host's end of the network is gone ({}); the machine continues without it", name(),
                         backend_.kind == NetBackend::Kind::tap ? "the TAP was deleted" : "hv-slirp ended"));
    backend_losses.add();
    if (watching_) loop_.unwatch(backend_.fd.get());
    watching_ = false;
    backend_.fd = FileDescriptor();
    config_.status = 0;
    window_.clear();
    cancel_timers();
    configuration_changed();
    // Return waiting chains to the driver; their frames are lost, as on a cable that is cut.
    if (ring(transmit_queue) != nullptr) transmit();
}

}  // namespace hv
