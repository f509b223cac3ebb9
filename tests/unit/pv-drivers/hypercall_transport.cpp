// SPDX-License-Identifier: Apache-2.0
// The hypercall transport against a host that records calls.
#include <cstring>
#include <vector>

#include "pv-drivers/virtio/transport/hypercall.h"
#include "test_macros.h"

namespace {

using namespace tenon;
using namespace tenon::virtio;

struct Calls {
    struct Made {
        abi::Call call;
        std::vector<std::uint64_t> arguments;
        std::vector<abi::QueueSetup> queues;
        std::vector<std::byte> data;
    };
    std::vector<Made> made;
    std::vector<std::uint32_t> rung;
    std::int64_t result = 0;
};

struct FakeHost {
    Calls* calls;
    std::int64_t call(abi::Call number, std::initializer_list<std::uint64_t> arguments,
                      std::span<const std::byte> data) {
        std::vector<abi::QueueSetup> queues(data.size() / sizeof(abi::QueueSetup));
        if (!queues.empty()) std::memcpy(queues.data(), data.data(), queues.size() * sizeof(abi::QueueSetup));
        calls->made.push_back({number, arguments, queues, {data.begin(), data.end()}});
        return calls->result;
    }
    void ring(std::uint32_t doorbell) { calls->rung.push_back(doorbell); }
};

struct Fixture {
    abi::DeviceRecord record{};
    Calls calls;
    HypercallTransport<FakeHost> transport{record, 5, FakeHost{&calls}};
    Fixture() {
        record.device_id = 1;
        record.queue_count = 2;
        record.features = 0xF;
        record.queue_size[0] = 128;
        record.queue_size[1] = 64;
        record.doorbell[0] = 40;
        record.doorbell[1] = 41;
        record.config_size = 4;
        for (std::uint8_t i = 0; i < 8; ++i) record.config[i] = static_cast<std::uint8_t>(i + 1);
    }
    static constexpr QueueAddresses addresses{PhysicalAddress{0x1000}, PhysicalAddress{0x2000},
                                              PhysicalAddress{0x3000}};
};

}  // namespace

TEST_CASE("hypercall transport: everything is told in one call") {
    Fixture f;
    REQUIRE(f.transport.reset());  // fresh: not even a call
    REQUIRE(f.transport.accept_features(3));
    CHECK(f.transport.queue_limit(0) == 128);
    REQUIRE(f.transport.set_up_queue(1, 32, Fixture::addresses));
    CHECK(f.calls.made.empty());
    REQUIRE(f.transport.driver_ok());
    REQUIRE(f.calls.made.size() == 1);
    CHECK(f.calls.made[0].call == abi::Call::device_setup);
    CHECK(f.calls.made[0].arguments == std::vector<std::uint64_t>{5, 3, 2});
    REQUIRE(f.calls.made[0].queues.size() == 2);
    CHECK(f.calls.made[0].queues[0].size == 0);
    CHECK(f.calls.made[0].queues[1].size == 32);
    CHECK(f.calls.made[0].queues[1].device == 0x3000);
    f.transport.notify(1);
    CHECK(f.calls.rung == std::vector<std::uint32_t>{41});
    REQUIRE(f.transport.reset());
    CHECK(f.calls.made[1].call == abi::Call::device_reset);
}

TEST_CASE("hypercall transport: what the device does not have is refused") {
    Fixture f;
    CHECK(f.transport.accept_features(0x10).error() == Error::invalid_argument);
    CHECK(f.transport.queue_limit(2) == 0);
    CHECK(f.transport.queue_limit(100) == 0);
    CHECK(f.transport.set_up_queue(2, 1, Fixture::addresses).error() == Error::not_supported);
    CHECK(f.transport.set_up_queue(0, 256, Fixture::addresses).error() == Error::not_supported);
    f.record.queue_count = 1000;  // more than a record can describe
    CHECK(f.transport.queue_limit(4) == 0);
    f.calls.result = -2;
    CHECK(f.transport.driver_ok().error() == Error::not_supported);
    CHECK(f.calls.made.back().queues.size() == abi::max_queues);
    CHECK(f.transport.reset().error() == Error::device_broken);  // a failed set-up is still taken back
}

TEST_CASE("hypercall transport: configuration ends at its size, and a writer at work is waited for") {
    Fixture f;
    std::byte bytes[8];
    f.transport.read_configuration(0, bytes);
    CHECK((bytes[0] == std::byte{1} && bytes[3] == std::byte{4} && bytes[4] == std::byte{0}));
    f.transport.read_configuration(200, bytes);
    CHECK(bytes[0] == std::byte{0});
    f.record.config_size = 100'000;
    f.transport.read_configuration(124, bytes);
    CHECK(bytes[7] == std::byte{0});
    f.record.config_generation = 1;  // never becomes even: bounded
    f.transport.read_configuration(0, bytes);
}

TEST_CASE("hypercall transport: configuration is written by a call, before the set-up too") {
    Fixture f;
    const std::byte bytes[] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
    REQUIRE(f.transport.reset());
    f.transport.write_configuration(12, bytes);
    REQUIRE(f.calls.made.size() == 1);
    CHECK(f.calls.made[0].call == abi::Call::device_configure);
    CHECK(f.calls.made[0].arguments == std::vector<std::uint64_t>{5, 12, 4});
    CHECK(f.calls.made[0].data == std::vector<std::byte>(std::begin(bytes), std::end(bytes)));
    f.calls.result = -2;  // refused: the driver goes on
    f.transport.write_configuration(200, bytes);
    CHECK(f.calls.made.size() == 2);
}

TEST_CASE("hypercall transport: DEVICE_NEEDS_RESET is read from the record") {
    Fixture f;
    CHECK_FALSE(f.transport.needs_reset());
    f.record.status = VIRTIO_CONFIG_S_NEEDS_RESET;
    CHECK(f.transport.needs_reset());
}
