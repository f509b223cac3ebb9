// SPDX-License-Identifier: Apache-2.0
// Options of SOL_SOCKET (socket(7)), which all sockets have.
#include <net/if.h>
#include <sys/time.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "userland/posix/net/interface_names.h"
#include "userland/posix/net/ip_options.h"
#include "userland/posix/net/socket.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {
namespace {

// Linux doubles the requested size, to account for each packet's overhead, and keeps it between these.
constexpr std::uint32_t most_buffer = 8 << 20, least_receive = 2304, least_send = 4608;

std::uint32_t buffer_limit(int asked, std::uint32_t least) {
    const auto size = std::min(static_cast<std::uint32_t>(asked), most_buffer / 2);
    return std::max(size * 2, least);
}

Outcome<Nanoseconds> read_timeout(std::span<const std::byte> bytes) {
    timeval value;
    if (bytes.size() < sizeof(value)) return fail_with(EINVAL);
    std::memcpy(&value, bytes.data(), sizeof(value));
    if (value.tv_usec < 0 || value.tv_usec >= 1'000'000) return fail_with(EDOM);
    if (value.tv_sec < 0) return 1;  // Linux: at once
    if (value.tv_sec > LONG_MAX / 1'000'000'000 - 1) return 0;
    return static_cast<Nanoseconds>(value.tv_sec) * second + static_cast<Nanoseconds>(value.tv_usec) * 1000;
}

Outcome<std::uint8_t> interface_named(std::span<const std::byte> bytes) {
    char name[IFNAMSIZ] = {};
    std::memcpy(name, bytes.data(), std::min(bytes.size(), sizeof(name) - 1));
    if (name[0] == 0) return 0;
    const netif* found = interface_by_name(name);
    if (found == nullptr) return fail_with(ENODEV);
    return netif_get_index(found);
}

}  // namespace

Outcome<> Socket::set_common_option(int option, int value, std::span<const std::byte> bytes) {
    const bool on = value != 0;
    switch (option) {
        case SO_DEBUG: options_.debug = on; return {};
        case SO_REUSEADDR: options_.reuse_address = on; return {};
        case SO_REUSEPORT: options_.reuse_port = on; return {};
        case SO_DONTROUTE: options_.dont_route = on; return {};
        case SO_BROADCAST: options_.broadcast = on; return {};
        case SO_KEEPALIVE: options_.keep_alive = on; return {};
        case SO_OOBINLINE: options_.out_of_band_inline = on; return {};
        case SO_NO_CHECK: options_.no_check = on; return {};
        case SO_TIMESTAMP:
        case SO_TIMESTAMPNS:
            // Linux: one kind of them at a time.
            options_.timestamp = on && option == SO_TIMESTAMP;
            options_.timestamp_ns = on && option == SO_TIMESTAMPNS;
            return {};
        case SO_SELECT_ERR_QUEUE: options_.select_errors = on; return {};
        case SO_BSDCOMPAT: return {};
        case SO_RXQ_OVFL: options_.count_drops = on; return {};
        case SO_PRIORITY: options_.priority = value; return {};
        case SO_MARK: options_.mark = value; return {};
        case SO_BUSY_POLL:
            if (value < 0) return fail_with(EINVAL);
            options_.busy_poll = value;
            return {};
        case SO_ZEROCOPY:
            // A program that is told yes waits for messages that nobody sends.
            if (value != 0) return fail_with(EOPNOTSUPP);
            return {};
        case SO_SNDBUF:
        case SO_SNDBUFFORCE:
            options_.send_limit = buffer_limit(value, least_send);
            options_.send_limit_set = true;
            return {};
        case SO_RCVBUF:
        case SO_RCVBUFFORCE:
            options_.receive_limit = buffer_limit(value, least_receive);
            options_.receive_limit_set = true;
            return {};
        case SO_RCVLOWAT:
            options_.receive_low = value < 0 ? INT_MAX : value == 0 ? 1 : static_cast<std::uint32_t>(value);
            return {};
        case SO_LINGER: {
            struct linger wish;
            if (bytes.size() < sizeof(wish)) return fail_with(EINVAL);
            std::memcpy(&wish, bytes.data(), sizeof(wish));
            options_.linger = wish.l_onoff == 0 ? -1 : std::max(wish.l_linger, 0);
            return {};
        }
        case SO_RCVTIMEO: {
            TRY(options_.receive_timeout, read_timeout(bytes));
            return {};
        }
        case SO_SNDTIMEO: {
            TRY(options_.send_timeout, read_timeout(bytes));
            return {};
        }
        case SO_BINDTODEVICE: {
            TRY(options_.interface, interface_named(bytes));
            return {};
        }
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> Socket::get_common_option(int option, OptionValue& value) {
    switch (option) {
        case SO_DEBUG: value.set(options_.debug); return {};
        case SO_REUSEADDR: value.set(options_.reuse_address); return {};
        case SO_REUSEPORT: value.set(options_.reuse_port); return {};
        case SO_DONTROUTE: value.set(options_.dont_route); return {};
        case SO_BROADCAST: value.set(options_.broadcast); return {};
        case SO_KEEPALIVE: value.set(options_.keep_alive); return {};
        case SO_OOBINLINE: value.set(options_.out_of_band_inline); return {};
        case SO_NO_CHECK: value.set(options_.no_check); return {};
        case SO_TIMESTAMP: value.set(options_.timestamp); return {};
        case SO_TIMESTAMPNS: value.set(options_.timestamp_ns); return {};
        case SO_RXQ_OVFL: value.set(options_.count_drops); return {};
        case SO_SELECT_ERR_QUEUE: value.set(options_.select_errors); return {};
        case SO_BSDCOMPAT: value.set(0); return {};
        case SO_PRIORITY: value.set(options_.priority); return {};
        case SO_MARK: value.set(options_.mark); return {};
        case SO_BUSY_POLL: value.set(options_.busy_poll); return {};
        case SO_ZEROCOPY: value.set(0); return {};
        case SO_SNDBUF: value.set(static_cast<int>(options_.send_limit)); return {};
        case SO_RCVBUF: value.set(static_cast<int>(options_.receive_limit)); return {};
        case SO_RCVLOWAT: value.set(static_cast<int>(options_.receive_low)); return {};
        case SO_SNDLOWAT: value.set(1); return {};
        case SO_TYPE: value.set(type_); return {};
        case SO_DOMAIN: value.set(family_); return {};
        case SO_PROTOCOL: value.set(protocol_); return {};
        case SO_ACCEPTCONN: value.set(is_listening()); return {};
        case SO_ERROR:
            value.set(error_);
            error_ = 0;
            changed();
            return {};
        case SO_LINGER: {
            const struct linger is { options_.linger >= 0, std::max(options_.linger, 0) };
            value.set_object(is);
            return {};
        }
        case SO_RCVTIMEO: value.set_object(to_timeval(options_.receive_timeout)); return {};
        case SO_SNDTIMEO: value.set_object(to_timeval(options_.send_timeout)); return {};
        case SO_BINDTODEVICE: {
            const netif* bound = interface_by_index(options_.interface);
            if (bound == nullptr) return {};
            auto* name = reinterpret_cast<char*>(value.bytes);
            name_interface(*bound, name);
            value.size = static_cast<socklen_t>(std::strlen(name) + 1);
            return {};
        }
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> Socket::set_protocol_option(int, int, int, std::span<const std::byte>) { return fail_with(ENOPROTOOPT); }
Outcome<> Socket::get_protocol_option(int, int, OptionValue&) { return fail_with(ENOPROTOOPT); }

/// A raw IPv6 socket never carries IPv4.
bool Socket::has_ip_options(int level) const {
    return level == IPPROTO_IP ? family_ == AF_INET || type_ != SOCK_RAW : level == IPPROTO_IPV6 && family_ == AF_INET6;
}

Outcome<> Socket::set_option(int level, int option, std::span<const std::byte> bytes) {
    const net::CoreLock lock;
    int value = 0;
    // Linux: options of IP are taken from a single byte as well.
    const bool is_ip = level == IPPROTO_IP;
    if (bytes.size() >= sizeof(value))
        std::memcpy(&value, bytes.data(), sizeof(value));
    else if (is_ip && !bytes.empty())
        value = static_cast<int>(bytes[0]);
    else if (level == SOL_SOCKET && option != SO_BINDTODEVICE)
        return fail_with(EINVAL);
    Outcome<> done;
    if (level == SOL_SOCKET)
        done = set_common_option(option, value, bytes);
    else if (has_ip_options(level))
        done = set_ip_option(*this, options_, level, option, value, bytes);
    else
        done = set_protocol_option(level, option, value, bytes);
    if (done) apply_options();
    return done;
}

Outcome<> Socket::get_option(int level, int option, OptionValue& value) {
    const net::CoreLock lock;
    if (level == SOL_SOCKET) return get_common_option(option, value);
    if (has_ip_options(level)) return get_ip_option(*this, options_, level, option, value);
    // Linux: an unknown option of a level is ENOPROTOOPT; so is an unknown level to an IPv6 socket, but not to others.
    if (level != protocol_ || type_ == SOCK_RAW) return fail_with(family_ == AF_INET6 ? ENOPROTOOPT : EOPNOTSUPP);
    return get_protocol_option(level, option, value);
}

}  // namespace tenon::posix
