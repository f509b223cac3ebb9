// SPDX-License-Identifier: Apache-2.0
// Interrupts while a device is brought up, and after its bring-up failed: raised at each access to a register in turn,
// with and without a request for a reset, for every driver.
#include <map>
#include <memory>
#include <vector>

#include "console_fixture.h"
#include "fake_device.h"
#include "fake_registers.h"
#include "host_threads.h"
#include "kernel/trap/interrupts.h"
#include "pv-drivers/blk/blk.h"
#include "pv-drivers/net/net.h"
#include "pv-drivers/rng/rng.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "registered_devices.h"
#include "test_macros.h"
#include "tests/unit/balloon/fixture.h"

using namespace tenon;
using namespace tenon::test;
using namespace tenon::virtio;

namespace {

using Bus = MmioTransport<FakeRegisters>;

/// The interrupt, and the access to the device at which it comes.
struct Event {
    unsigned access;
    std::uint32_t reasons;
    bool needs_reset;
};

/// Raises an event's interrupt once. Where interrupts are masked, it comes at the next access without.
class Interrupter {
public:
    Interrupter(FakeMmioDevice& device, Bus& transport, const Event& event)
        : device_(device), transport_(transport), event_(event), first_thread_(started_threads().size()) {
        device_.on_access = [this] {
            if (accesses_++ >= event_.access && !interrupts::masked()) raise();
        };
    }
    ~Interrupter() { device_.on_access = nullptr; }
    Interrupter(const Interrupter&) = delete;
    Interrupter& operator=(const Interrupter&) = delete;

    [[nodiscard]] bool raised() const { return raised_; }
    void raise() {
        if (std::exchange(raised_, true)) return;
        // A device without a driver reports no error.
        if (event_.needs_reset && device_.status != 0) device_.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
        interrupt();
    }
    /// The drivers' threads are more urgent than the thread that brings a device up: they run as soon as they are
    /// woken.
    void interrupt() {
        device_.interrupt = event_.reasons;
        transport_.interrupt();
        run_threads();
    }
    void run_threads() {
        for (std::size_t i = first_thread_; i < started_threads().size(); ++i)
            if (!ended_[i]) ended_[i] = started_threads()[i].run();
    }

private:
    FakeMmioDevice& device_;
    Bus& transport_;
    Event event_;
    std::size_t first_thread_;
    std::map<std::size_t, bool> ended_;
    unsigned accesses_ = 0;
    bool raised_ = false;
};

/// Calls attempt(event) with each kind of interrupt at access number 0, 1, 2, ... until it returns false, as the event
/// never came: the bring-up was over.
template <typename Attempt>
void at_every_access(Attempt&& attempt) {
    constexpr std::uint32_t queues = VIRTIO_MMIO_INT_VRING, configuration = VIRTIO_MMIO_INT_CONFIG;
    for (const std::uint32_t reasons : {queues, configuration, queues | configuration})
        for (const bool needs_reset : {false, true}) {
            // Section 2.1.2: a device that needs a reset says so by a configuration interrupt.
            if (needs_reset && (reasons & configuration) == 0) continue;
            unsigned access = 0;
            while (attempt(Event{access, reasons, needs_reset})) ++access;
            CHECK(access > 10);
        }
}

void prepare_disk(FakeMmioDevice& model) {
    model.id = VIRTIO_ID_BLOCK;
    model.queue_count = 1;
    virtio_blk_config config{};
    config.capacity = 2048;
    model.config.resize(sizeof(config));
    std::memcpy(model.config.data(), &config, sizeof(config));
}

void forget(Blk* disk) {
    if (disk->linked()) detail::block_devices().remove(*disk);
    delete disk;
}

bool can_flush(Blk& disk, FakeMmioDevice& model) {
    struct Request : BlockRequest {
        bool completed_well = false;
    } request;
    request.operation = BlockOperation::flush;
    request.completed = [](BlockRequest& self) {
        static_cast<Request&>(self).completed_well = self.result.has_value();
    };
    HostMemory memory;
    model.on_notify = [&](std::uint32_t) {
        BasicFakeDevice<HostMemory> ring(memory, model.queues[0].addresses, model.queues[0].size);
        const auto chain = ring.take();
        *to_pointer<std::uint8_t>(PhysicalAddress{chain.pieces.back().address}) = VIRTIO_BLK_S_OK;
        ring.use(chain.head, 1);
    };
    disk.submit(request);
    return request.completed_well;
}

}  // namespace

TEST_CASE("early interrupts: a disk works afterwards, or is refused") {
    unsigned refused = 0;
    at_every_access([&](const Event& event) {
        FakeMmioDevice model;
        prepare_disk(model);
        Bus transport{FakeRegisters{&model}, 0x200};
        Interrupter interrupter(model, transport, event);
        const auto disk = Blk::probe(transport);
        const bool raised = interrupter.raised();
        interrupter.run_threads();
        if (!disk) {
            ++refused;
            CHECK(event.needs_reset);
            interrupter.interrupt();  // reaches no listener
            return raised;
        }
        CHECK(can_flush(**disk, model));
        forget(*disk);
        interrupter.interrupt();
        return raised;
    });
    CHECK(refused > 0);
}

TEST_CASE("early interrupts: a disk whose configuration is refused hears of nothing afterwards") {
    at_every_access([](const Event& event) {
        INFO("access " << event.access << ", reasons " << event.reasons << ", reset " << event.needs_reset);
        FakeMmioDevice model;
        prepare_disk(model);
        model.offered |= feature_bit(VIRTIO_BLK_F_BLK_SIZE);  // of 0 bytes
        Bus transport{FakeRegisters{&model}, 0x200};
        Interrupter interrupter(model, transport, event);
        CHECK_FALSE(Blk::probe(transport));
        const bool raised = interrupter.raised();
        interrupter.interrupt();
        CHECK(model.status == 0);
        return raised;
    });
}

TEST_CASE("early interrupts: an interface works afterwards, or is refused") {
    at_every_access([](const Event& event) {
        INFO("access " << event.access << ", reasons " << event.reasons << ", reset " << event.needs_reset);
        FakeMmioDevice model;
        model.id = VIRTIO_ID_NET;
        model.offered |= feature_bit(VIRTIO_NET_F_STATUS);
        model.config = {2, 1, 2, 3, 4, 5, VIRTIO_NET_S_LINK_UP, 0};
        Bus transport{FakeRegisters{&model}, 0x200};
        Interrupter interrupter(model, transport, event);
        const bool probed = Net::probe(transport).has_value();
        if (!probed) {
            const bool raised = interrupter.raised();
            interrupter.interrupt();
            return raised;
        }
        const std::unique_ptr<NetDevice> net(take_registered_net_device());
        int wakes = 0;
        net->start([](void* count) { ++*static_cast<int*>(count); }, [](void*, const ReceivedFrame&) {}, [](void*) {},
                   &wakes);
        const bool raised = interrupter.raised();
        // A device whose breaking went unnoticed would never be polled.
        if (raised && event.needs_reset && (model.status & VIRTIO_CONFIG_S_NEEDS_RESET) != 0) CHECK(wakes != 0);
        while (wakes-- > 0)
            if (net->poll(16)) ++wakes;
        CHECK((model.status & VIRTIO_CONFIG_S_DRIVER_OK) != 0);
        CHECK((model.status & VIRTIO_CONFIG_S_NEEDS_RESET) == 0);
        CHECK(net->link_up());
        return raised;
    });
}

TEST_CASE("early interrupts: a link that goes down while the interface is brought up is seen") {
    FakeMmioDevice model;
    model.id = VIRTIO_ID_NET;
    model.offered |= feature_bit(VIRTIO_NET_F_STATUS);
    model.config = {2, 1, 2, 3, 4, 5, VIRTIO_NET_S_LINK_UP, 0};
    Bus transport{FakeRegisters{&model}, 0x200};
    REQUIRE(Net::probe(transport));
    const std::unique_ptr<NetDevice> net(take_registered_net_device());
    CHECK(net->link_up());
    // After the driver has read the link, before there is a stack.
    model.config[6] = 0;
    model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    transport.interrupt();
    int wakes = 0;
    net->start([](void* count) { ++*static_cast<int*>(count); }, [](void*, const ReceivedFrame&) {}, [](void*) {},
               &wakes);
    CHECK(wakes == 1);
    (void)net->poll(16);
    CHECK_FALSE(net->link_up());
}

TEST_CASE("early interrupts: a console is brought up, at once or at the next text") {
    at_every_access([](const Event& event) {
        INFO("access " << event.access << ", reasons " << event.reasons << ", reset " << event.needs_reset);
        console_kernel() = {};
        FakeConsole device(0);
        device.model.queue_count = 2;
        Interrupter interrupter(device.model, device.transport, event);
        REQUIRE(Console::probe(device.transport));
        ConsoleDevice* const console = console_kernel().consoles.back();
        console->write("first");
        const bool raised = interrupter.raised();
        console->write("second");
        // Text that is in flight when the device breaks is lost.
        if (raised || !event.needs_reset) CHECK((console_kernel().early + device.text).ends_with("second"));
        if (!event.needs_reset) CHECK(device.text == "firstsecond");
        if (raised || !event.needs_reset) console->drain();
        delete static_cast<Console*>(console);
        interrupter.interrupt();
        return raised;
    });
}

TEST_CASE("early interrupts: an entropy source is brought up, at once or at the next request") {
    at_every_access([](const Event& event) {
        INFO("access " << event.access << ", reasons " << event.reasons << ", reset " << event.needs_reset);
        FakeMmioDevice model;
        model.id = VIRTIO_ID_RNG;
        model.queue_count = 1;
        HostMemory memory;
        std::map<std::ptrdiff_t, std::unique_ptr<BasicFakeDevice<HostMemory>>> rings;  // a reset makes a new one
        model.on_notify = [&](std::uint32_t) {
            auto& ring = rings[std::count(model.statuses.begin(), model.statuses.end(), 0u)];
            if (ring == nullptr)
                ring = std::make_unique<BasicFakeDevice<HostMemory>>(memory, model.queues[0].addresses,
                                                                     model.queues[0].size);
            while (ring->has_available()) ring->use(ring->take().head, 8);
        };
        Bus transport{FakeRegisters{&model}, 0x200};
        Interrupter interrupter(model, transport, event);
        REQUIRE(Rng::probe(transport));
        EntropySource* const source = take_registered_entropy_source();
        std::array<std::byte, 16> bytes{};
        const std::size_t first = source->read(bytes);
        const bool raised = interrupter.raised();
        if (!event.needs_reset) CHECK(first == 8);
        CHECK(source->read(bytes) == 8);
        delete source;
        interrupter.interrupt();
        return raised;
    });
}

TEST_CASE("early interrupts: a balloon follows its target, after another bring-up at worst") {
    at_every_access([](const Event& event) {
        INFO("access " << event.access << ", reasons " << event.reasons << ", reset " << event.needs_reset);
        BalloonFixture f;  // brought up once
        f.device.set_target(100);
        Interrupter interrupter(f.device.model, f.transport, event);
        bool started = f.balloon.start().has_value();
        const bool raised = interrupter.raised();
        for (int attempt = 0; attempt < 3 && (!started || f.serve() == Balloon::Served::broken); ++attempt)
            started = f.balloon.start().has_value();
        CHECK(f.device.pages.size() == 100);
        return raised;
    });
}
