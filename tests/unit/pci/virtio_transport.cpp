// SPDX-License-Identifier: Apache-2.0
// The pci transport, and through it the life of a device.
#include <array>
#include <functional>
#include <utility>

#include "fake_virtio_pci.h"
#include "pv-drivers/virtio/device.h"
#include "pv-drivers/virtio/transport/line_sharers.h"
#include "pv-drivers/virtio/transport/pci.h"
#include "tests/unit/pv-drivers/test_macros.h"

namespace {

using namespace tenon;
using namespace tenon::virtio;
using tenon::test::FakePciRegisters;
using tenon::test::FakeVirtioPci;
using Kind = FakePciRegisters::Kind;
using FakeTransport = PciTransport<FakePciRegisters>;

class PciTestDevice final : public Device {
public:
    explicit PciTestDevice(Transport& transport) : Device(transport) {}
    using Device::has_feature, Device::publish_and_notify, Device::queue, Device::read_configuration, Device::restart,
        Device::running, Device::shut_down, Device::start, Device::write_configuration;
    void queues_used() override { ++used; }
    void status_changed() override { ++changed; }
    int used = 0, changed = 0;
};

struct Fixture {
    FakeVirtioPci model;
    std::uint32_t notify_multiplier = 4;
    std::size_t notify_size = 0x1000;
    PciVectors vectors{.configuration = 0, .queues = 1};
    std::size_t isr_size = 0;
    std::optional<FakeTransport> transport;
    std::optional<PciTestDevice> device;
    Result<> start() {
        transport.emplace(1u,
                          FakeTransport::Structures{.common = {&model, Kind::common, 0x38},
                                                    .notify = {&model, Kind::notify, notify_size},
                                                    .device = {&model, Kind::device, model.config.size()},
                                                    .isr = {&model, Kind::isr, isr_size},
                                                    .notify_multiplier = notify_multiplier},
                          vectors);
        device.emplace(*transport);
        static constexpr std::array<Device::QueueWish, 2> wishes{{{.size = 32}, {.size = 256, .indirect_entries = 4}}};
        return device->start({.required = 1, .optional = 2}, wishes);
    }
    Fixture() { model.offered |= 1 | 2 | 4 | ring_features; }
    ~Fixture() { CHECK(model.violations == std::vector<std::string>{}); }
};

}  // namespace

TEST_CASE("pci transport: a device is brought up in the order of section 3.1.1, each field by its width") {
    Fixture f;
    REQUIRE(f.start());
    CHECK(f.model.statuses == std::vector<unsigned>{0, 1, 3, 11, 15});
    CHECK(f.model.accepted == (feature_bit(VIRTIO_F_VERSION_1) | ring_features | 3));
    CHECK((f.model.queues[0].size == 32 && f.model.queues[0].enabled == 1 && f.model.queues[0].vector == 1));
    CHECK((f.model.queues[1].size == 64 && f.model.queues[1].enabled == 1 && f.model.queues[1].vector == 1));
    CHECK(f.model.configuration_vector == 0);
    const QueueAddresses wanted = f.device->queue(1).addresses();
    CHECK(f.model.address(1, VIRTIO_PCI_COMMON_Q_DESCLO) == wanted.descriptors);
    CHECK(f.model.address(1, VIRTIO_PCI_COMMON_Q_AVAILLO) == wanted.driver);
    CHECK(f.model.address(1, VIRTIO_PCI_COMMON_Q_USEDLO) == wanted.device);
    CHECK((f.device->running() && f.device->has_feature(1) && !f.device->has_feature(2)));
    f.device->shut_down();
    CHECK(f.model.status == 0);
}

TEST_CASE("pci transport: what a device refuses or lacks is an error, and it ends reset") {
    Fixture f;
    auto expected = Error::not_supported;
    SECTION("features are not confirmed") { f.model.confirms_features = false; }
    SECTION("a required feature is missing") { f.model.offered &= ~1ull; }
    SECTION("no modern device") { f.model.offered &= ~feature_bit(VIRTIO_F_VERSION_1); }
    SECTION("a queue is missing") { f.model.queue_count = 1; }
    SECTION("a queue of size 0") { f.model.queue_limit = 0; }
    SECTION("a queue does not take its size") { f.model.keeps_queue_size = false; }
    SECTION("no vector to spare") {
        f.model.has_vectors = false;
        expected = Error::no_memory;
    }
    SECTION("it breaks at DRIVER_OK") {
        f.model.breaks_at_driver_ok = true;
        expected = Error::device_broken;
    }
    SECTION("a notification register behind the structure") {
        f.notify_size = 4;
        expected = Error::device_broken;
    }
    SECTION("a notification register far behind the structure") {
        f.model.notify_offset = 0xFFFF;
        f.notify_multiplier = 0xFFFF'FFFE;
        expected = Error::device_broken;
    }
    SECTION("a notification register at an odd place") {
        f.notify_multiplier = 3;
        expected = Error::device_broken;
    }
    CHECK(f.start().error() == expected);
    CHECK_FALSE(f.device->running());
    CHECK(f.model.status == 0);
}

TEST_CASE("pci transport: a device that does not reset is given up") {
    Fixture f;
    f.model.resets = false;
    f.model.status = 1;
    CHECK(f.start().error() == Error::timed_out);
}

TEST_CASE("pci transport: more queues than are kept count of are not there") {
    Fixture f;
    f.model.queue_count = 0xFFFF;
    REQUIRE(f.start());
    CHECK(f.transport->queue_limit(abi::max_queues - 1) == 64);
    CHECK(f.transport->queue_limit(abi::max_queues) == 0);
    CHECK(f.transport->queue_limit(0xFFFF'FFFF) == 0);
    CHECK_FALSE(f.transport->set_up_queue(abi::max_queues, 1, {}));
}

TEST_CASE("pci transport: a queue in use is not set up again") {
    Fixture f;
    REQUIRE(f.start());
    CHECK(f.transport->set_up_queue(0, 16, {}).error() == Error::device_broken);
}

TEST_CASE("pci transport: each queue is notified at its own place, or all at one") {
    Fixture f;
    auto expected = std::pair<std::size_t, unsigned>{4, 1};
    SECTION("a register a queue") {}
    SECTION("one register") {
        f.notify_multiplier = 0;
        expected.first = 0;
    }
    SECTION("a page a queue") {
        f.notify_multiplier = 4096;
        f.notify_size = 2 * 4096;
        expected.first = 4096;
    }
    REQUIRE(f.start());
    const Piece piece{PhysicalAddress{0x1000}, 16};
    int cookie;
    REQUIRE(f.device->queue(1).add({}, std::span(&piece, 1), &cookie));
    f.device->publish_and_notify(1);
    CHECK(f.model.notified == std::vector{expected});
}

TEST_CASE("pci transport: configuration is read as one state, fields by their width") {
    Fixture f;
    f.model.config = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    REQUIRE(f.start());
    f.model.changes_while_read = 3;
    CHECK(f.device->read_configuration<std::uint32_t>(0) == 0x04040404);
    using Reads = std::vector<std::pair<std::size_t, std::size_t>>;
    const auto reads = [&](auto read) {
        f.model.config_reads.clear();
        read();
        return f.model.config_reads;
    };
    CHECK(reads([&] { (void)f.device->read_configuration<std::uint16_t>(6); }) == Reads{{6, 2}});
    CHECK(reads([&] { (void)f.device->read_configuration<std::uint8_t>(3); }) == Reads{{3, 1}});
    CHECK(reads([&] { (void)f.device->read_configuration<std::uint64_t>(0); }) == Reads{{0, 4}, {4, 4}});
    CHECK(reads([&] { (void)f.device->read_configuration<std::array<std::uint8_t, 6>>(0); }) ==
          Reads{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}});
    f.model.changes_while_read = UINT32_MAX;  // changes for ever: read, not waited for
    (void)f.device->read_configuration<std::uint32_t>(0);
}

TEST_CASE("pci transport: configuration ends at its size") {
    Fixture f;
    f.model.config = {1, 2, 3, 4, 5, 6};
    REQUIRE(f.start());
    CHECK(f.device->read_configuration<std::uint32_t>(4) == 0x0605);
    CHECK(f.device->read_configuration<std::uint32_t>(8) == 0);
    CHECK(f.device->read_configuration<std::uint16_t>(SIZE_MAX) == 0);
    f.device->write_configuration<std::uint32_t>(4, 1);
    f.device->write_configuration<std::uint16_t>(6, 1);
    f.device->write_configuration<std::uint8_t>(SIZE_MAX, 1);
    CHECK(f.model.config_writes.empty());
}

TEST_CASE("pci transport: a configuration field is written by its width") {
    Fixture f;
    f.model.config.resize(16);
    REQUIRE(f.start());
    f.device->write_configuration<std::uint8_t>(3, 0x12);
    f.device->write_configuration<std::uint16_t>(6, 0x3456);
    f.device->write_configuration<std::uint32_t>(12, 7);
    f.device->write_configuration<std::uint64_t>(8, 0x1122334455667788);
    using Writes = std::vector<std::pair<std::size_t, std::size_t>>;
    CHECK(f.model.config_writes == Writes{{3, 1}, {6, 2}, {12, 4}, {8, 4}, {12, 4}});
    CHECK(f.device->read_configuration<std::uint64_t>(8) == 0x1122334455667788);
    CHECK(f.device->read_configuration<std::uint64_t>(0) == 0x3456'0000'1200'0000);
}

TEST_CASE("pci transport: interrupts tell queues from configuration, unless they share a vector") {
    Fixture f;
    const bool shared = GENERATE(false, true);
    if (shared) f.vectors = {.configuration = 0, .queues = 0};
    REQUIRE(f.start());
    f.transport->queue_interrupt();
    CHECK((f.device->used == 1 && f.device->changed == (shared ? 1 : 0)));
    f.transport->configuration_interrupt();
    CHECK((f.device->used == 1 && f.device->changed == (shared ? 2 : 1)));
    CHECK(f.device->running());
}

TEST_CASE("pci transport: after DEVICE_NEEDS_RESET a restart sets queues and vectors up anew") {
    Fixture f;
    REQUIRE(f.start());
    f.model.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    f.transport->configuration_interrupt();
    CHECK_FALSE(f.device->running());
    REQUIRE(f.device->restart([](std::uint32_t, void*) {}));
    CHECK(f.device->running());
    CHECK((f.model.queues[1].vector == 1 && f.model.configuration_vector == 0));
}

TEST_CASE("pci transport: a device on a line is asked for its reasons, and is given no vectors") {
    Fixture f;
    f.isr_size = 1;
    f.model.has_vectors = false;
    REQUIRE(f.start());
    CHECK((f.model.queues[0].vector == VIRTIO_MSI_NO_VECTOR && f.model.configuration_vector == VIRTIO_MSI_NO_VECTOR));
    CHECK_FALSE(f.transport->line_interrupt());
    CHECK((f.device->used == 0 && f.device->changed == 0));
    f.model.isr = 1;
    CHECK(f.transport->line_interrupt());
    CHECK((f.device->used == 1 && f.device->changed == 0 && f.model.isr == 0));
    f.model.isr = 3;
    CHECK(f.transport->line_interrupt());
    CHECK((f.device->used == 2 && f.device->changed == 1));
    f.model.isr = 0xFC;  // no reasons that there are
    CHECK_FALSE(f.transport->line_interrupt());
    f.model.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    f.model.isr = 2;
    CHECK(f.transport->line_interrupt());
    CHECK_FALSE(f.device->running());
}

TEST_CASE("pci transport: a line that nobody listens to is released") {
    FakeVirtioPci model;
    FakeTransport transport(
        5u,
        {{&model, Kind::common, 0x38}, {&model, Kind::notify, 4}, {&model, Kind::device, 0}, {&model, Kind::isr, 1}, 0},
        {});
    model.isr = 3;
    CHECK(transport.line_interrupt());
    CHECK(model.isr == 0);
}

namespace {

/// A device on a line, with an action that runs while it is served.
struct Sharer final : LineSharer {
    unsigned reasons = 0, asked = 0;
    std::function<void()> meanwhile = [] {};
    bool serve_line() override {
        ++asked;
        const bool held = std::exchange(reasons, 0) != 0;
        meanwhile();
        return held;
    }
};

}  // namespace

TEST_CASE("line: whoever shares it is asked until nobody held it for a whole round") {
    LineSharers line;
    Sharer first, second;
    line.serve();  // the line has no device
    line.add(first);
    line.add(second);
    line.serve();
    CHECK((first.asked == 1 && second.asked == 1));
    SECTION("one of them") { second.reasons = 1; }
    SECTION("both") { first.reasons = second.reasons = 1; }
    line.serve();
    CHECK((first.asked == 3 && second.asked == 3));
    CHECK((first.reasons == 0 && second.reasons == 0));
}

TEST_CASE("line: it is inactive when it is left, whoever takes it while others are asked") {
    LineSharers line;
    Sharer first, second;
    line.add(first);
    line.add(second);
    // The first one takes the line after it was asked, while the second one still holds it: there is no edge.
    second.reasons = 1;
    second.meanwhile = [&, again = 3]() mutable {
        if (again-- > 0) first.reasons = 1;
    };
    line.serve();
    CHECK(first.reasons == 0);
    CHECK(first.asked == second.asked);
    CHECK(first.asked == 5);
}

TEST_CASE("line: a device that never lets go is given up for this time, and one that has gone is not asked") {
    LineSharers line;
    Sharer greedy, other;
    greedy.reasons = 1;
    greedy.meanwhile = [&] { greedy.reasons = 1; };
    line.add(greedy);
    line.add(other);
    line.serve();
    CHECK((greedy.asked == 16 && other.asked == 16));
    LineSharers::remove(greedy);
    line.serve();
    CHECK((greedy.asked == 16 && other.asked == 17));
}
