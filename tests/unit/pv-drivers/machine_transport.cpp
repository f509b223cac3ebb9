// SPDX-License-Identifier: Apache-2.0
// A machine's virtio-mmio devices: whose interrupt handlers stay, and whose go.
#include <array>
#include <cstring>
#include <map>
#include <vector>

#include "kernel/base/address.h"
#include "kernel/trap/interrupts.h"
#include "pv-drivers/virtio/driver.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "pv-drivers/virtio/transport/probe.h"
#include "test_macros.h"

namespace {

using namespace tenon;

struct Registered {
    interrupts::Handler handler = nullptr;
    void* context = nullptr;
};
std::map<std::uint32_t, Registered> handlers;
std::vector<void*>& living = *new std::vector<void*>;  // devices live as long as the machine

/// What the image's drivers do with a device, in place of the list that the linker makes.
struct Driver final : virtio::Listener {
    bool takes = false;
    unsigned offered = 0, used = 0;
    void queues_used() override { ++used; }
    void configuration_changed() override {}
};
Driver driver;

/// Register pages are memory that answers with what stands there.
struct RegisterPage {
    alignas(4096) std::array<std::uint32_t, 128> words{};
    RegisterPage() {
        words[VIRTIO_MMIO_MAGIC_VALUE / 4] = virtio::mmio_magic;
        words[VIRTIO_MMIO_VERSION / 4] = virtio::mmio_version;
        words[VIRTIO_MMIO_DEVICE_ID / 4] = VIRTIO_ID_RNG;
    }
    void probe(std::uint32_t event) { probe_virtio_mmio(to_integer(to_physical(words.data())), sizeof(words), event); }
};

struct Fixture {
    RegisterPage page;
    Fixture() {
        handlers.clear();
        driver = {};
    }
};

}  // namespace

namespace tenon {

void interrupts::set_handler(std::uint32_t event, Handler handler, void* context) {
    handlers[event] = {handler, context};
}

bool virtio::attach(Transport& transport) {
    ++driver.offered;
    transport.listen(driver);
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
