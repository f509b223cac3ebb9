// SPDX-License-Identifier: Apache-2.0
// Shares of a process's descriptors.
#include "hv/devices/slirp/socket_quota.h"

#include <algorithm>
#include <utility>

namespace hv::slirp {

SocketQuota::SocketQuota(unsigned descriptors) {
    const unsigned usable = std::min(descriptors, most_descriptors);
    const unsigned shared = usable > spare_descriptors ? usable - spare_descriptors : 0;
    limit_[index(SocketKind::outgoing)] = limit_[index(SocketKind::incoming)] = shared * 6 / 16;
    limit_[index(SocketKind::datagram)] = shared * 3 / 16;
    limit_[index(SocketKind::ping)] = shared / 16;
}

void SocketQuota::opened(int fd, SocketKind kind) {
    if (fd < 0 || static_cast<unsigned>(fd) >= most_descriptors) return;
    closed(fd);
    kind_of_[static_cast<std::size_t>(fd)] = kind;
    ++used_[index(kind)];
}

void SocketQuota::closed(int fd) {
    if (fd < 0 || static_cast<unsigned>(fd) >= most_descriptors) return;
    const SocketKind kind = std::exchange(kind_of_[static_cast<std::size_t>(fd)], SocketKind::none);
    if (kind != SocketKind::none) --used_[index(kind)];
}

}  // namespace hv::slirp
