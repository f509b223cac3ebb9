// SPDX-License-Identifier: Apache-2.0
// SYN cookies (RFC 4987, section 3.6): initial sequence numbers that say what their connection's request was. From the
// upper end: 5 bits of a clock, 3 bits for the requested segment size, and 24 bits of a keyed hash of both, of the
// connection and of the request's sequence number. Nobody else can make one, and each is good for one to two minutes.
#include <algorithm>
#include <iterator>
#include <optional>

#include "kernel/net/connection_hash.h"
#include "kernel/time/clock.h"
#include "lwip/opt.h"
// lwIP's headers do not include each other in every order.
#include "hooks.h"

namespace tenon::net {
namespace {

constexpr unsigned period_bits = 36;  // of nanoseconds: 69 s
constexpr unsigned clock_shift = 27, size_shift = 24;
constexpr std::uint32_t clock_mask = 0x1F, size_mask = 7, hash_mask = 0xFF'FFFF;

/// What hosts use; of any other size the next smaller one.
constexpr u16_t segment_sizes[] = {28, 216, 536, 1220, 1360, 1400, 1440, 1460};
static_assert(std::size(segment_sizes) == size_mask + 1 && segment_sizes[size_mask] == TCP_MSS);

/// When the last cookie was made; nothing: never.
constinit std::optional<std::uint64_t> last_period;

std::uint64_t current_period() { return monotonic_now() >> period_bits; }

struct Request {
    const ip_addr_t& local;
    u16_t local_port;
    const ip_addr_t& remote;
    u16_t remote_port;
    u32_t sequence;

    [[nodiscard]] u32_t cookie(std::uint64_t period, std::uint32_t size) const {
        static constinit SipKey key{};
        const std::uint64_t salt = std::uint64_t{sequence} << 32 | static_cast<std::uint32_t>(period << 3 | size);
        const auto hash =
            static_cast<u32_t>(connection_hash(secret(key), local, local_port, remote, remote_port, salt));
        return (static_cast<u32_t>(period) & clock_mask) << clock_shift | size << size_shift | (hash & hash_mask);
    }
};

}  // namespace
}  // namespace tenon::net

using namespace tenon::net;

u32_t tenon_net_cookie(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote, u16_t remote_port,
                       u32_t sequence, u16_t segment_size) {
    const std::uint64_t period = current_period();
    last_period = period;
    const auto* const larger = std::upper_bound(std::begin(segment_sizes), std::end(segment_sizes), segment_size);
    const auto size = static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(larger - segment_sizes - 1, 0));
    return Request{*local, local_port, *remote, remote_port, sequence}.cookie(period, size);
}

u16_t tenon_net_cookie_segment_size(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote,
                                    u16_t remote_port, u32_t sequence, u32_t cookie) {
    const std::uint64_t now = current_period();
    if (!last_period || now - *last_period > 1) return 0;
    const std::uint64_t age = (now - (cookie >> clock_shift)) & clock_mask;
    if (age > 1) return 0;
    const std::uint32_t size = cookie >> size_shift & size_mask;
    const Request request{*local, local_port, *remote, remote_port, sequence};
    return request.cookie(now - age, size) == cookie ? segment_sizes[size] : u16_t{0};
}
