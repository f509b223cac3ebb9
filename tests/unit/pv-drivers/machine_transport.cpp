// SPDX-License-Identifier: Apache-2.0
// A machine's devices on virtio-mmio and on hv's device page: only working devices keep their interrupt handlers.
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "hypercall/devices.h"
#include "hypercall/events.h"
#include "hypercall/layout.h"
#include "kernel/base/address.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/platform/hv/hypercall.h"
#include "kernel/trap/interrupts.h"
#include "pv-drivers/virtio/driver.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "test_macros.h"

namespace {

using namespace tenon;

struct Registered {
    interrupts::Handler handler = nullptr;
    void* context = nullptr;
};
std::map<std::uint32_t, Registered> handlers;
std::vector<void*>& living = *new std::vector<void*>;  // devices live as long as the machine

/// The image's drivers, in place of the linker's list of them.
struct Driver final : virtio::Listener {
    bool takes = false;
    unsigned offered = 0, used = 0, changed = 0;
    void queues_used() override { ++used; }
    void configuration_changed() override { ++changed; }
};
Driver driver;

/// Register pages are plain memory.
struct RegisterPage {
    alignas(4096) std::array<std::uint32_t, 128> words{};
    RegisterPage() {
        words[VIRTIO_MMIO_MAGIC_VALUE / 4] = virtio::mmio_magic;
        words[VIRTIO_MMIO_VERSION / 4] = virtio::mmio_version;
        words[VIRTIO_MMIO_DEVICE_ID / 4] = VIRTIO_ID_RNG;
    }
    void probe(std::uint32_t event) { probe_virtio_mmio(to_integer(to_physical(words.data())), sizeof(words), event); }
};

struct FreshMachine {
    FreshMachine() {
        handlers.clear();
        driver = {};
    }
};
struct Fixture : FreshMachine {
    RegisterPage page;
};

/// The beginning of an I/O zone, with an entropy device at slot 1.
struct PvMachine : FreshMachine {
    static constexpr std::uint32_t queue = abi::event::device_queue(1), config = abi::event::device_config(1);
    struct IoZone {
        alignas(abi::page_size) std::array<std::byte, abi::io_zone::devices> before;
        abi::DevicePage page;
    };
    std::unique_ptr<IoZone> zone = std::make_unique<IoZone>();
    abi::StartInfo start{};
    PvMachine() {
        start.io_zone = {.base = to_integer(to_physical(zone.get())), .size = sizeof(IoZone)};
        start.device_count = 2;
        zone->page.devices[1].device_id = VIRTIO_ID_RNG;
    }
};

}  // namespace

namespace tenon {

void interrupts::set_handler(std::uint32_t event, Handler handler, void* context) {
    handlers[event] = {handler, context};
}

std::int64_t hypercall(abi::Call, std::initializer_list<std::uint64_t>, std::span<const std::byte>) { return 0; }

bool virtio::attach(Transport& transport) {
    ++driver.offered;
    transport.listen(&driver);
    return driver.takes;
}

}  // namespace tenon

TEST_CASE("mmio device: one that a driver takes interrupts it") {
    Fixture f;
    driver.takes = true;
    f.page.probe(9);
    REQUIRE(handlers[9].handler != nullptr);
    living.push_back(handlers[9].context);
    f.page.words[VIRTIO_MMIO_INTERRUPT_STATUS / 4] = VIRTIO_MMIO_INT_VRING;
    handlers[9].handler(handlers[9].context);
    CHECK(driver.used != 0);
    CHECK(f.page.words[VIRTIO_MMIO_INTERRUPT_ACK / 4] == VIRTIO_MMIO_INT_VRING);
}

TEST_CASE("mmio device: one that no driver takes leaves no handler behind") {
    Fixture f;
    f.page.probe(9);
    CHECK(driver.offered == 1);
    REQUIRE(handlers.contains(9));
    CHECK(handlers[9].handler == nullptr);
    CHECK(handlers[9].context == nullptr);
}

TEST_CASE("mmio device: an empty slot is offered to nobody, and gets no handler") {
    Fixture f;
    SECTION("no device") { f.page.words[VIRTIO_MMIO_DEVICE_ID / 4] = 0; }
    SECTION("the legacy interface") { f.page.words[VIRTIO_MMIO_VERSION / 4] = 1; }
    f.page.probe(9);
    CHECK(driver.offered == 0);
    CHECK(handlers.empty());
}

TEST_CASE("hypercall device: one that a driver takes interrupts it") {
    PvMachine f;
    driver.takes = true;
    probe_virtio_hypercall(f.start);
    CHECK(driver.offered == 1);
    REQUIRE((handlers.size() == 2 && handlers[f.queue].handler != nullptr && handlers[f.config].handler != nullptr));
    living.push_back(handlers[f.queue].context);
    handlers[f.queue].handler(handlers[f.queue].context);
    CHECK((driver.used == 1 && driver.changed == 0));
    handlers[f.config].handler(handlers[f.config].context);
    CHECK((driver.used == 1 && driver.changed == 1));
}

TEST_CASE("hypercall device: one that no driver takes leaves no handler behind") {
    PvMachine f;
    probe_virtio_hypercall(f.start);
    CHECK(driver.offered == 1);
    REQUIRE(handlers.contains(f.queue));
    REQUIRE(handlers.contains(f.config));
    for (const auto& [event, registered] : handlers)
        CHECK((registered.handler == nullptr && registered.context == nullptr));
}

TEST_CASE("hypercall device: empty slots and those beyond the count are offered to nobody") {
    PvMachine f;
    SECTION("empty") { f.zone->page.devices[1].device_id = 0; }
    SECTION("beyond the count") { f.start.device_count = 1; }
    probe_virtio_hypercall(f.start);
    CHECK(driver.offered == 0);
    CHECK(handlers.empty());
}

TEST_CASE("hypercall device: a count beyond the page ends at the page's end") {
    PvMachine f;
    for (auto& device : f.zone->page.devices) device.device_id = VIRTIO_ID_RNG;
    f.start.device_count = 0xFFFF'FFFF;
    probe_virtio_hypercall(f.start);
    CHECK(driver.offered == abi::max_devices);
}
