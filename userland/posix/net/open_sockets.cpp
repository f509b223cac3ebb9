// SPDX-License-Identifier: Apache-2.0
// All sockets that a program has open.
#include "userland/posix/net/open_sockets.h"

#include "kernel/net/private_packet.h"
#include "userland/posix/interruption.h"
#include "userland/posix/net/endings.h"
#include "userland/posix/net/icmp_errors.h"
#include "userland/posix/net/socket.h"

namespace tenon::posix {

IntrusiveList<Socket, OpenSocketTag>& open_sockets() {
    static IntrusiveList<Socket, OpenSocketTag> list;
    // Set up with the first socket, so that an image without sockets does not contain it.
    static bool prepared = false;
    if (!prepared) {
        prepared = true;
        listen_to_icmp();
        net::set_scarcity_listener(
            [] { open_sockets().for_each([](Socket& socket) { socket.leave_device_buffers(); }); });
        close_sockets_at_the_end();
    }
    return list;
}

void wake_socket_calls() {
    const net::CoreLock lock;
    open_sockets().for_each([](Socket& socket) { socket.wake_calls(); });
}

}  // namespace tenon::posix
