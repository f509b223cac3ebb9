// SPDX-License-Identifier: Apache-2.0
// Random bytes.
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>
#include <set>
#include <vector>

#include "kernel/entropy/random.h"
#include "tests/guest/test.h"

GUEST_TEST(random_bytes_do_not_repeat) {
    std::set<std::array<unsigned char, 16>> seen;
    for (int i = 0; i != 1000; ++i) {
        std::array<unsigned char, 16> bytes;
        EXPECT(getrandom(bytes.data(), bytes.size(), 0) == 16);
        EXPECT(seen.insert(bytes).second);
    }
}

GUEST_TEST(large_random_requests_are_filled) {
    std::vector<unsigned char> bytes(100'001);
    EXPECT(getrandom(bytes.data(), bytes.size(), GRND_NONBLOCK) == 100'001);
    std::array<int, 256> count = {};
    for (const unsigned char byte : bytes) ++count[byte];
    // Each is expected 391 times; 20 is the standard deviation.
    for (const int each : count) EXPECT(each > 250 && each < 550);
}

GUEST_TEST(getentropy_has_a_limit) {
    char bytes[257];
    EXPECT(getentropy(bytes, 256) == 0);
    EXPECT(getentropy(bytes, 257) == -1);
    EXPECT(errno == EIO);
}

GUEST_TEST(a_random_device_works) {
    std::random_device device;
    std::set<unsigned> seen;
    for (int i = 0; i != 16; ++i) seen.insert(device());
    EXPECT(seen.size() > 14);
}

GUEST_TEST(entropy_can_be_added_and_fetched) {
    const std::array<std::byte, 3> seed = {std::byte{1}, std::byte{2}, std::byte{3}};
    tenon::add_entropy(seed);
    tenon::reseed_if_due();
    std::array<std::byte, 32> one, other;
    tenon::random_bytes(one);
    tenon::random_bytes(other);
    EXPECT(one != other);
}
