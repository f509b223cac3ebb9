// SPDX-License-Identifier: Apache-2.0
// Local sockets: options.
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "userland/posix/local/local_socket.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

constexpr std::uint32_t bit(int option) { return 1U << option; }
/// Options that are on or off. All but SO_PASSCRED have no effect here.
constexpr std::uint32_t switches = bit(SO_DEBUG) | bit(SO_REUSEADDR) | bit(SO_DONTROUTE) | bit(SO_BROADCAST) |
                                   bit(SO_KEEPALIVE) | bit(SO_OOBINLINE) | bit(SO_NO_CHECK) | bit(SO_PASSCRED) |
                                   bit(SO_TIMESTAMP);
// Linux, socket(7).
constexpr std::uint32_t smallest_send_limit = 4608, smallest_receive_limit = 2304, largest_limit = 2 * 212992;

bool is_switch(int option) { return option >= 0 && option < 32 && (switches >> option & 1) != 0; }

std::uint32_t to_limit(int value, std::uint32_t smallest) {
    const auto doubled = std::min<std::uint64_t>(static_cast<unsigned>(value), largest_limit / 2) * 2;
    return std::max(static_cast<std::uint32_t>(doubled), smallest);
}

Outcome<Nanoseconds> to_timeout(std::span<const std::byte> value) {
    timeval time;
    if (value.size() < sizeof(time)) return fail_with(EINVAL);
    std::memcpy(&time, value.data(), sizeof(time));
    if (time.tv_usec < 0 || time.tv_usec >= 1'000'000) return fail_with(EDOM);
    if (time.tv_sec < 0) return 1;
    return to_nanoseconds({time.tv_sec, time.tv_usec * 1000});
}

}  // namespace

Outcome<> LocalSocket::set_option(int level, int option, std::span<const std::byte> value) {
    if (level != SOL_SOCKET) return fail_with(EOPNOTSUPP);
    if (option == SO_RCVTIMEO || option == SO_SNDTIMEO) {
        TRY(const Nanoseconds timeout, to_timeout(value));
        (option == SO_RCVTIMEO ? receive_timeout_ : send_timeout_) = timeout;
        return {};
    }
    if (value.size() < sizeof(int)) return fail_with(EINVAL);
    int number = 0;
    std::memcpy(&number, value.data(), sizeof(number));
    const std::lock_guard guard(lock());
    if (is_switch(option)) {
        switches_ = number != 0 ? switches_ | bit(option) : switches_ & ~bit(option);
        return {};
    }
    switch (option) {
        case SO_SNDBUF: send_limit_ = to_limit(number, smallest_send_limit); return {};
        case SO_RCVBUF: receive_limit_ = to_limit(number, smallest_receive_limit); return {};
        case SO_LINGER:
        case SO_PRIORITY: return {};
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> LocalSocket::get_option(int level, int option, OptionValue& value) {
    if (level != SOL_SOCKET) return fail_with(EOPNOTSUPP);
    const std::lock_guard guard(lock());
    if (is_switch(option)) {
        value.set((switches_ >> option & 1) != 0 ? 1 : 0);
        return {};
    }
    switch (option) {
        case SO_TYPE: value.set(type_); return {};
        case SO_DOMAIN: value.set(AF_UNIX); return {};
        case SO_PROTOCOL: value.set(0); return {};
        case SO_ERROR: value.set(std::exchange(error_, 0)); return {};
        case SO_SNDBUF: value.set(static_cast<int>(send_limit_)); return {};
        case SO_RCVBUF: value.set(static_cast<int>(receive_limit_)); return {};
        case SO_RCVLOWAT:
        case SO_SNDLOWAT: value.set(1); return {};
        case SO_ACCEPTCONN: value.set(state_ == State::listening ? 1 : 0); return {};
        case SO_PRIORITY: value.set(0); return {};
        case SO_LINGER: value.set_object(linger{}); return {};
        case SO_RCVTIMEO: value.set_object(to_timeval(receive_timeout_)); return {};
        case SO_SNDTIMEO: value.set_object(to_timeval(send_timeout_)); return {};
        case SO_PEERCRED: {
            // The peer of a connection is this process; a datagram's may be anybody.
            const bool known = peer_ || state_ == State::listening;
            value.set_object(known ? ucred{getpid(), getuid(), getgid()}
                                   : ucred{0, static_cast<uid_t>(-1), static_cast<gid_t>(-1)});
            return {};
        }
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> get_local_option(SocketFile& socket, int level, int option, OptionValue& value) {
    return static_cast<LocalSocket&>(socket).get_option(level, option, value);
}

}  // namespace tenon::posix
