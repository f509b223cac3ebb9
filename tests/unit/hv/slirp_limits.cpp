// SPDX-License-Identifier: Apache-2.0
// Limits on a guest's sockets and memory in hv-slirp.
#include <catch2/catch.hpp>

#include "hv/devices/slirp/memory_watch.h"
#include "hv/devices/slirp/socket_quota.h"

using namespace hv::slirp;
using State = MemoryWatch::State;

TEST_CASE("each kind of socket has its share", "[slirp]") {
    SocketQuota quota(1088);
    const unsigned most = quota.limit(SocketKind::datagram);
    CHECK(most == 192);
    for (unsigned i = 0; i < most; ++i) {
        REQUIRE(quota.allows(SocketKind::datagram));
        quota.opened(static_cast<int>(10 + i), SocketKind::datagram);
    }
    CHECK_FALSE(quota.allows(SocketKind::datagram));
    // The others have theirs.
    for (const SocketKind kind : {SocketKind::outgoing, SocketKind::incoming, SocketKind::ping})
        CHECK(quota.allows(kind));
    quota.closed(10);
    CHECK(quota.allows(SocketKind::datagram));
    CHECK(quota.used(SocketKind::datagram) == most - 1);
    // Closed twice, or never opened, or taken anew without a close that was seen.
    quota.closed(10);
    quota.closed(-1);
    quota.closed(1'000'000);
    CHECK(quota.used(SocketKind::datagram) == most - 1);
    quota.opened(11, SocketKind::outgoing);
    CHECK(quota.used(SocketKind::datagram) == most - 2);
    CHECK(quota.used(SocketKind::outgoing) == 1);
}

TEST_CASE("all shares together leave descriptors for the rest, however few there are", "[slirp]") {
    for (const unsigned descriptors : {0U, 10U, 64U, 65U, 256U, 1024U, 2048U, 1'000'000U}) {
        const SocketQuota quota(descriptors);
        unsigned all = 0;
        for (const SocketKind kind :
             {SocketKind::outgoing, SocketKind::incoming, SocketKind::datagram, SocketKind::ping})
            all += quota.limit(kind);
        CHECK(all + SocketQuota::spare_descriptors <= std::max(descriptors, SocketQuota::spare_descriptors));
        CHECK(all <= SocketQuota::most_descriptors);
    }
    SocketQuota quota(1024);
    quota.close_all(true);
    CHECK_FALSE(quota.allows(SocketKind::outgoing));
    quota.close_all(false);
    CHECK(quota.allows(SocketKind::outgoing));
}

TEST_CASE("memory is free, tight and full, and free again when it was given back", "[slirp]") {
    std::uint64_t resident = 1000, after_trim = 1000;
    int trims = 0;
    MemoryWatch watch({.resident = [&] { return resident; }, .trim = [&] { ++trims, resident = after_trim; }}, 400);
    CHECK(watch.look(0) == State::free);
    resident = after_trim = 1299;
    CHECK(watch.look(1) == State::free);
    CHECK(trims == 0);
    resident = after_trim = 1300;
    CHECK(watch.look(2) == State::tight);
    CHECK(trims == 1);
    // Not again at once.
    resident = after_trim = 1400;
    CHECK(watch.look(3) == State::full);
    CHECK(trims == 1);
    after_trim = 1100;
    CHECK(watch.look(200) == State::free);
    CHECK(trims == 2);
}

TEST_CASE("the memory of this process is seen, and what it gives back too", "[slirp]") {
    const MemoryWatch::Host host = own_memory();
    const std::uint64_t before = host.resident();
    CHECK(before > 1'000'000);
    constexpr std::size_t size = 64 << 20;
    auto block = std::make_unique<char[]>(size);
    for (std::size_t i = 0; i < size; i += 4096) block[i] = 1;
    CHECK(host.resident() > before + size / 2);
}
