// SPDX-License-Identifier: Apache-2.0
// Hypercalls: accepted and refused ones.
#include "hv/guest/hypercalls.h"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "hypercall/devices.h"

using namespace tenon::abi;

namespace {

class Target final : public hv::HypercallTarget {
public:
    void console_write(std::string_view text) override { console += text; }
    void ready() override { ++readies; }
    void end(hv::GuestEnd end) override { ends.push_back(std::move(end)); }

    std::string console;
    int readies = 0;
    std::vector<hv::GuestEnd> ends;
};

class Devices final : public hv::DeviceCalls {
public:
    std::int64_t setup(std::uint64_t device, std::uint64_t features, std::span<const QueueSetup> list) override {
        setups = {device, features, list.size()};
        queues.assign(list.begin(), list.end());
        return 0;
    }
    std::int64_t reset(std::uint64_t device) override { return static_cast<std::int64_t>(device); }

    std::int64_t configure(std::uint64_t device, std::uint64_t offset, std::span<const std::byte> bytes) override {
        configured = {device, offset, bytes.size()};
        configuration.assign(bytes.begin(), bytes.end());
        return 0;
    }

    std::vector<std::uint64_t> setups, configured;
    std::vector<std::byte> configuration;
    std::vector<QueueSetup> queues;
};

struct Fixture {
    std::unique_ptr<HypercallSlot> slot = std::make_unique<HypercallSlot>();
    Target target;
    Devices devices;
    bool has_registers = false;  ///< the devices: the calls do not reach them

    hv::SlotOutcome call(Call number, std::initializer_list<std::uint64_t> arguments = {}) {
        slot->number = number;
        std::copy(arguments.begin(), arguments.end(), slot->arguments);
        slot->state.store(SlotState::submitted);
        return hv::serve_hypercall(*slot, target, has_registers ? nullptr : &devices);
    }
    std::int64_t result(Call number, std::initializer_list<std::uint64_t> arguments = {}) {
        REQUIRE(call(number, arguments) == hv::SlotOutcome::done);
        REQUIRE(slot->state.load() == SlotState::done);
        return slot->result;
    }
};

constexpr std::int64_t invalid = static_cast<std::int64_t>(CallError::invalid_argument);

}  // namespace

TEST_CASE_METHOD(Fixture, "hypercall: a slot that was not submitted is left alone") {
    for (const auto state : {SlotState::idle, SlotState::done, static_cast<SlotState>(77)}) {
        slot->state.store(state);
        CHECK(hv::serve_hypercall(*slot, target, &devices) == hv::SlotOutcome::idle);
        CHECK(slot->state.load() == state);
    }
}

TEST_CASE_METHOD(Fixture, "hypercall: console text has at most the size of the slot's data") {
    std::fill(std::begin(slot->data), std::end(slot->data), std::uint8_t{'x'});
    CHECK(result(Call::console_write, {3}) == 0);
    CHECK(target.console == "xxx");
    CHECK(result(Call::console_write, {0}) == 0);
    CHECK(result(Call::console_write, {sizeof slot->data}) == 0);
    CHECK(target.console.size() == 3 + sizeof slot->data);
    CHECK(result(Call::console_write, {sizeof slot->data + 1}) == invalid);
    CHECK(result(Call::console_write, {~0ULL}) == invalid);
    CHECK(target.console.size() == 3 + sizeof slot->data);
}

TEST_CASE_METHOD(Fixture, "hypercall: shutdown carries a reason and a code") {
    CHECK(call(Call::shutdown, {0, 42}) == hv::SlotOutcome::not_back);
    CHECK(call(Call::shutdown, {1, 255}) == hv::SlotOutcome::not_back);
    REQUIRE(target.ends.size() == 2);
    CHECK(target.ends[0].kind == hv::GuestEnd::Kind::shut_down);
    CHECK(target.ends[0].exit_code == 42);
    CHECK(target.ends[1].kind == hv::GuestEnd::Kind::reboot);
    CHECK(result(Call::shutdown, {2, 0}) == invalid);
    CHECK(result(Call::shutdown, {~0ULL, 0}) == invalid);
    CHECK(result(Call::shutdown, {0, 256}) == invalid);
    CHECK(target.ends.size() == 2);
}

TEST_CASE_METHOD(Fixture, "hypercall: a crash report is bounded and printable") {
    auto& report = *reinterpret_cast<CrashReport*>(slot->data);
    report.frame_count = 0xFFFF'FFFF;
    std::fill(std::begin(report.reason), std::end(report.reason), 'r');
    report.reason[1] = '\033';
    std::fill(std::begin(report.thread), std::end(report.thread), 't');
    CHECK(call(Call::crash) == hv::SlotOutcome::not_back);
    REQUIRE(target.ends.size() == 1);
    const hv::GuestEnd& end = target.ends[0];
    CHECK(end.kind == hv::GuestEnd::Kind::crashed);
    CHECK(end.has_report);
    CHECK(end.report.frame_count == std::size(report.frames));
    CHECK(end.report.thread[sizeof report.thread - 1] == '\0');
    CHECK(end.reason.starts_with("panic: r?rr"));
    CHECK(end.reason.size() == 7 + sizeof report.reason - 1);
}

TEST_CASE_METHOD(Fixture, "hypercall: queues are counted before they are read") {
    auto* queues = reinterpret_cast<QueueSetup*>(slot->data);
    queues[1].size = 256;
    CHECK(result(Call::device_setup, {2, 0x1'0000'0000, 2}) == 0);
    CHECK(devices.setups == std::vector<std::uint64_t>{2, 0x1'0000'0000, 2});
    CHECK(devices.queues[1].size == 256);
    CHECK(result(Call::device_setup, {2, 0, max_queues}) == 0);
    CHECK(result(Call::device_setup, {2, 0, max_queues + 1}) == invalid);
    CHECK(result(Call::device_setup, {2, 0, ~0ULL}) == invalid);
    CHECK(result(Call::device_setup, {2, 0, 1ULL << 61}) == invalid);
}

TEST_CASE_METHOD(Fixture, "hypercall: a configuration write has at most the size of a configuration") {
    slot->data[0] = 0x12;
    slot->data[3] = 0x34;
    CHECK(result(Call::device_configure, {1, 4, 4}) == 0);
    CHECK(devices.configured == std::vector<std::uint64_t>{1, 4, 4});
    CHECK(devices.configuration == std::vector{std::byte{0x12}, std::byte{0}, std::byte{0}, std::byte{0x34}});
    CHECK(result(Call::device_configure, {1, ~0ULL, sizeof DeviceRecord::config}) == 0);  // the device's to refuse
    devices.configured.clear();
    for (const std::uint64_t size : {std::uint64_t{0}, sizeof DeviceRecord::config + 1, ~std::uint64_t{0}})
        CHECK(result(Call::device_configure, {1, 0, size}) == invalid);
    CHECK(devices.configured.empty());
}

TEST_CASE_METHOD(Fixture, "hypercall: device calls reach no device that has registers") {
    has_registers = true;
    for (const auto call : {Call::device_setup, Call::device_reset, Call::device_configure})
        CHECK(result(call, {0, 0, 1}) == static_cast<std::int64_t>(CallError::unsupported));
    CHECK(devices.setups.empty());
    CHECK(devices.configured.empty());
}

TEST_CASE_METHOD(Fixture, "hypercall: what is not offered, and what is not known") {
    for (const auto call : {Call::vcpu_start, Call::vcpu_stop, Call::suspend})
        CHECK(result(call) == static_cast<std::int64_t>(CallError::unsupported));
    for (const std::uint32_t number : {0U, 11U, 0xFFFF'FFFFU})
        CHECK(result(static_cast<Call>(number)) == static_cast<std::int64_t>(CallError::unknown_call));
    CHECK(result(Call::device_reset, {7}) == 7);
    CHECK(result(Call::ready) == 0);
    CHECK(target.readies == 1);
}
