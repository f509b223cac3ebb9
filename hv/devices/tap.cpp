// SPDX-License-Identifier: Apache-2.0
// TAP interfaces.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"
#include "hv/devices/net_backend.h"
#include "hv/devices/virtio_net_header.h"

namespace hv {

namespace {

constexpr std::uint64_t bit(unsigned feature) { return 1ULL << feature; }

ifreq request_for(const std::string& name) {
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

std::unexpected<Error> cannot_attach(const std::string& name) {
    if (errno_kind(errno) == ErrorKind::no_permission)
        return fail(ErrorKind::no_permission, fmt::format("tap '{}': this user may not use it (as root: ip tuntap add "
                                                          "dev {} mode tap user $USER)",
                                                          name, name));
    switch (errno) {
        case EBUSY:
            return fail(ErrorKind::in_use, fmt::format("tap '{}': another process uses it (give each machine an "
                                                       "interface of its own)",
                                                       name));
        case EINVAL:
            return fail(ErrorKind::usage,
                        fmt::format("tap '{}': not a single-queue TAP interface (ip tuntap add dev {} "
                                    "mode tap)",
                                    name, name));
        default: return fail(ErrorKind::internal, fmt::format("tap '{}': {}", name, std::strerror(errno)));
    }
}

}  // namespace

Result<NetBackend> open_tap(const std::string& name, std::optional<std::uint16_t> mtu) {
    // Check first: with the right to do so, TUNSETIFF would create a missing interface, without address or bridge.
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = request_for(name);
    if (!socket || ioctl(socket.get(), SIOCGIFMTU, &request) != 0)
        return fail(ErrorKind::not_found,
                    fmt::format("tap '{}': there is no such interface (as root: ip tuntap add dev "
                                "{} mode tap user $USER)",
                                name, name));
    const auto host_mtu = static_cast<std::uint16_t>(request.ifr_mtu < 65535 ? request.ifr_mtu : 65535);

    FileDescriptor tap(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!tap && errno_kind(errno) == ErrorKind::no_permission) return cannot_attach(name);
    if (!tap)
        return fail(ErrorKind::host_lacks, fmt::format("tap '{}': /dev/net/tun: {} (load the module tun, or give the "
                                                       "device to this container)",
                                                       name, std::strerror(errno)));
    request = request_for(name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(tap.get(), TUNSETIFF, &request) != 0) return cannot_attach(name);
    int header_size = sizeof(virtio_net_hdr_v1);
    if (ioctl(tap.get(), TUNSETVNETHDRSZ, &header_size) != 0) return cannot_attach(name);

    const std::uint64_t offloads = bit(VIRTIO_NET_F_CSUM) | bit(VIRTIO_NET_F_HOST_TSO4) | bit(VIRTIO_NET_F_HOST_TSO6) |
                                   bit(VIRTIO_NET_F_GUEST_CSUM) | bit(VIRTIO_NET_F_GUEST_TSO4) |
                                   bit(VIRTIO_NET_F_GUEST_TSO6);
    return NetBackend{NetBackend::Kind::tap, std::move(tap), offloads, mtu.value_or(host_mtu)};
}

bool set_tap_offloads(int tap, std::uint64_t features) {
    unsigned offloads = 0;
    // Segmentation offloads require checksum offload, for the kernel and for the specification (5.1.3.1).
    if ((features & bit(VIRTIO_NET_F_GUEST_CSUM)) != 0) {
        offloads |= TUN_F_CSUM;
        if ((features & bit(VIRTIO_NET_F_GUEST_TSO4)) != 0) offloads |= TUN_F_TSO4;
        if ((features & bit(VIRTIO_NET_F_GUEST_TSO6)) != 0) offloads |= TUN_F_TSO6;
    }
    return ioctl(tap, TUNSETOFFLOAD, offloads) == 0;
}

}  // namespace hv
