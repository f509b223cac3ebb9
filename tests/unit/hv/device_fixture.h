// SPDX-License-Identifier: Apache-2.0
// A device under test: its rings on fake memory, its signals counted, and the loop that serves it.
#pragma once

#include "hv/core/event_loop.h"
#include "hv/devices/device.h"
#include "tests/unit/hv/fake_driver.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>
#include <memory>

namespace hv::test {

struct CountedSignals final : DeviceSignals {
    void used_buffers() override { ++used; }
    void configuration_changed() override { ++configuration; }
    void needs_reset() override { ++resets; }
    int used = 0, configuration = 0, resets = 0;
};

struct DeviceFixture {
    static constexpr std::uint32_t memory_size = 4 << 20;
    FakeMemory memory{memory_size};
    GuestMemory guest = memory.guest();
    CountedSignals signals;
    std::unique_ptr<EventLoop> loop = EventLoop::create().value();

    /// Memory for a test's buffers.
    static constexpr std::uint64_t buffers = FakeMemory::base + 0x10'0000;

    FakeRing ring(unsigned number, std::uint16_t size) {
        return FakeRing{memory, size, FakeMemory::base + number * 0x10000ULL};
    }
    /// Serves all due work, including work that becomes due by it.
    void serve(std::uint64_t for_ns = 2'000'000) {
        loop->after(for_ns, [this] { loop->stop(); });
        loop->run();
    }
    /// Serves until `done`; false: it has not come within a long time.
    template <typename Done>
    [[nodiscard]] bool serve_until(Done&& done) {
        for (int turn = 0; turn < 10'000; ++turn) {
            if (done()) return true;
            serve(1'000'000);
        }
        return false;
    }
};

}  // namespace hv::test
