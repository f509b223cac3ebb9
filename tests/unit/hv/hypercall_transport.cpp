// SPDX-License-Identifier: Apache-2.0
// The hypercall transport, and the events that it sends.
#include "hv/accel/pv/hypercall_transport.h"

#include <sys/eventfd.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "hv/accel/pv/vcpu_events.h"
#include "hypercall/calls.h"

using namespace tenon::abi;

namespace {

constexpr std::uint64_t version_1 = 1ULL << 32;
constexpr std::int64_t invalid = static_cast<std::int64_t>(CallError::invalid_argument);
constexpr std::int64_t bad_state = static_cast<std::int64_t>(CallError::bad_state);

class FakeDevice final : public hv::Device {
public:
    [[nodiscard]] std::uint32_t device_id() const override { return 4; }
    [[nodiscard]] const char* name() const override { return "fake0"; }
    [[nodiscard]] std::uint64_t features() const override { return version_1 | 6; }
    [[nodiscard]] std::uint32_t queue_count() const override { return 2; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t queue) const override { return 64 << queue; }
    [[nodiscard]] std::span<const std::byte> config() const override { return configuration; }
    /// The second byte is the driver's.
    bool write_config(std::uint64_t offset, std::span<const std::byte> bytes) override {
        if (offset != 1) return false;
        configuration[1] = bytes[0];
        return true;
    }
    bool activate(std::uint64_t features, std::span<const QueueSetup> queues, const hv::GuestMemory&,
                  hv::DeviceSignals& device_signals) override {
        accepted = features;
        sizes = {queues[0].size, queues[1].size};
        signals = &device_signals;
        return acceptable;
    }
    void queue_notified(std::uint32_t queue) override {
        notified.push_back(queue);
        if (on_notify) on_notify();
    }
    void pause() override {}
    void resume() override {}
    void reset() override { ++resets; }

    std::vector<std::byte> configuration{std::byte{1}, std::byte{2}};
    std::uint64_t accepted = 0;
    std::vector<std::uint32_t> sizes, notified;
    hv::DeviceSignals* signals = nullptr;
    bool acceptable = true;
    int resets = 0;
    std::function<void()> on_notify;
};

struct Fixture {
    FakeDevice device;
    hv::Device* list[1] = {&device};
    std::unique_ptr<DevicePage> page = std::make_unique<DevicePage>();
    hv::GuestMemory memory{{}};
    std::unique_ptr<hv::EventLoop> loop = std::move(*hv::EventLoop::create());
    std::vector<std::uint32_t> events;
    std::unique_ptr<hv::HypercallTransport> transport = std::move(*hv::HypercallTransport::create(
        list, *page, memory, *loop, 5, [this](std::uint32_t event) { events.push_back(event); }));

    std::int64_t setup(std::uint64_t features, std::vector<std::uint32_t> sizes, std::uint64_t index = 0) {
        std::vector<QueueSetup> queues;
        for (const std::uint32_t size : sizes) queues.push_back({size, 0, 0, 0, 0});
        return transport->setup(index, features, queues);
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "transport: the device page says what the device is") {
    const DeviceRecord& record = page->devices[0];
    CHECK(record.device_id == 4);
    CHECK(record.queue_count == 2);
    CHECK(record.features == (version_1 | 6));
    CHECK(record.queue_size[1] == 128);
    CHECK(record.doorbell[0] == 5);
    CHECK(record.doorbell[1] == 6);
    CHECK(record.config_size == 2);
    CHECK(record.config[1] == 2);
    CHECK(page->devices[1].device_id == 0);
    CHECK(transport->doorbells().size() == 2);
}

TEST_CASE_METHOD(Fixture, "transport: set-up is checked, and possible once until a reset") {
    CHECK(setup(6, {64, 64}) == invalid);              // without VERSION_1
    CHECK(setup(version_1 | 8, {64, 64}) == invalid);  // not offered
    CHECK(setup(version_1, {64}) == invalid);          // a queue is missing
    CHECK(setup(version_1, {64, 64, 64}) == invalid);
    CHECK(setup(version_1, {63, 64}) == invalid);     // not a power of two
    CHECK(setup(version_1, {128, 64}) == invalid);    // larger than the largest
    CHECK(setup(version_1, {64, 64}, 1) == invalid);  // no such device
    CHECK(setup(version_1, {64, 64}, ~0ULL) == invalid);
    CHECK(setup(version_1 | 2, {0, 128}) == 0);
    CHECK(device.accepted == (version_1 | 2));
    CHECK(device.sizes == std::vector<std::uint32_t>{0, 128});
    CHECK(setup(version_1, {64, 64}) == bad_state);
    CHECK(transport->reset(0) == 0);
    CHECK(device.resets == 1);
    CHECK(setup(version_1, {64, 64}) == 0);
    CHECK(transport->reset(1) == invalid);
}

TEST_CASE_METHOD(Fixture, "transport: rings that a device does not accept leave it reset") {
    device.acceptable = false;
    CHECK(setup(version_1, {64, 64}) == invalid);
    device.acceptable = true;
    CHECK(setup(version_1, {64, 64}) == 0);
}

TEST_CASE_METHOD(Fixture, "transport: a doorbell reaches its queue, also one that rang too early or is full") {
    const std::vector<int> doorbells = transport->doorbells();
    REQUIRE(eventfd_write(doorbells[0], 1) == 0);
    REQUIRE(setup(version_1, {64, 64}) == 0);
    REQUIRE(eventfd_write(doorbells[1], ~0ULL - 1) == 0);
    CHECK(eventfd_write(doorbells[1], 1) != 0);  // would block: the guest's own loss
    device.on_notify = [this] {
        if (device.notified.size() == 2) loop->stop();
    };
    loop->run();
    std::ranges::sort(device.notified);
    CHECK(device.notified == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE_METHOD(Fixture, "transport: interrupts are events, and say what happened in the page") {
    REQUIRE(setup(version_1, {64, 64}) == 0);
    device.signals->used_buffers();
    device.configuration[0] = std::byte{9};
    device.signals->configuration_changed();
    const DeviceRecord& record = page->devices[0];
    CHECK(record.config[0] == 9);
    CHECK(record.config_generation.load() == 2);
    device.signals->needs_reset();
    CHECK(record.status.load() == 0x40);
    CHECK(events ==
          std::vector<std::uint32_t>{event::device_queue(0), event::device_config(0), event::device_config(0)});
    CHECK(transport->reset(0) == 0);
    CHECK(record.status.load() == 0);
}

TEST_CASE_METHOD(Fixture, "transport: a driver writes its part of the configuration, also before the set-up") {
    const DeviceRecord& record = page->devices[0];
    const std::array<std::byte, 3> bytes{std::byte{7}, std::byte{8}, std::byte{9}};
    const auto configure = [&](std::uint64_t index, std::uint64_t offset, std::size_t size) {
        return transport->configure(index, offset, std::span(bytes).first(size));
    };
    CHECK(configure(0, 1, 1) == 0);
    CHECK(record.config[1] == 7);
    CHECK(record.config_generation.load() == 0);  // not a change by the device
    CHECK(configure(0, 0, 1) == invalid);         // the device's own byte
    CHECK(configure(0, 2, 1) == invalid);         // beyond the end
    CHECK(configure(0, 1, 2) == invalid);
    CHECK(configure(0, 0, 3) == invalid);
    CHECK(configure(0, ~0ULL, 2) == invalid);
    CHECK(configure(1, 1, 1) == invalid);  // no such device
    CHECK(configure(~0ULL, 1, 1) == invalid);
    CHECK(record.config[0] == 1);
    CHECK(record.config[1] == 7);
    // A reset of a device that was configured and never set up reaches it too.
    CHECK(transport->reset(0) == 0);
    CHECK(device.resets == 1);
    CHECK(transport->reset(0) == 0);
    CHECK(device.resets == 1);
}

TEST_CASE_METHOD(Fixture, "transport: what changed before the set-up is told after it") {
    device.configuration[0] = std::byte{5};
    REQUIRE(setup(version_1, {64, 64}) == 0);
    CHECK(page->devices[0].config[0] == 5);
    CHECK(page->devices[0].config_generation.load() == 2);
    CHECK(events == std::vector<std::uint32_t>{event::device_config(0)});
}

TEST_CASE("vCPU events: kicked only when it runs with interrupts enabled, and once") {
    auto page = std::make_unique<VcpuEvents>();
    int kicks = 0;
    hv::pv::VcpuEventSender sender(*page, [&kicks] { ++kicks; });
    page->state.store(VcpuState::running);
    sender.send(event::control);
    CHECK(kicks == 1);
    CHECK(page->upcall_pending.load() == 1);
    sender.send(event::control);
    sender.send(event::device_queue(0));
    CHECK(kicks == 1);
    CHECK(page->pending.load() == ((1ULL << event::control) | (1ULL << event::device_queue(0))));

    for (const auto state : {VcpuState::running, VcpuState::polling, VcpuState::blocked}) {
        page->pending.store(0);
        page->upcall_pending.store(0);
        page->state.store(state);
        page->upcall_mask.store(state == VcpuState::running ? 1 : 0);
        sender.send(event::control);
        CHECK(page->upcall_pending.load() == 1);
        CHECK(kicks == 1);
    }
}
