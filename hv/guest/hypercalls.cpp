// SPDX-License-Identifier: Apache-2.0
// Hypercalls: dispatch and argument checks.
#include "hv/guest/hypercalls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "hv/core/counters.h"
#include "hv/core/printable.h"
#include "hv/image/demangle.h"
#include "hypercall/devices.h"

namespace hv {

namespace {

using tenon::abi::Call;
using tenon::abi::CallError;
using tenon::abi::CrashReport;
using tenon::abi::HypercallSlot;
using tenon::abi::QueueSetup;
using tenon::abi::ShutdownReason;
using tenon::abi::SlotState;

Counter hypercalls("hypercall.calls");
Counter refused_hypercalls("hypercall.refused");

constexpr std::size_t data_size = sizeof(HypercallSlot::data);

/// hv's copy of a slot.
struct Request {
    Call number;
    std::array<std::uint64_t, 4> arguments;
    std::array<char, data_size> data;
};

void copy_request(const HypercallSlot& slot, Request& request) {
    std::memcpy(&request.number, &slot.number, sizeof request.number);
    std::memcpy(request.arguments.data(), slot.arguments, sizeof slot.arguments);
    std::memcpy(request.data.data(), slot.data, data_size);
    // Keeps the compiler from reading the slot a second time in place of the copy.
    asm volatile("" : : "r"(&request) : "memory");
}

constexpr std::int64_t error(CallError code) { return static_cast<std::int64_t>(code); }

std::int64_t console_write(const Request& request, HypercallTarget& target) {
    const std::uint64_t size = request.arguments[0];
    if (size > data_size) return error(CallError::invalid_argument);
    target.console_write({request.data.data(), size});
    return 0;
}

std::int64_t device_setup(const Request& request, DeviceCalls& devices) {
    const std::uint64_t count = request.arguments[2];
    std::array<QueueSetup, tenon::abi::max_queues> queues;
    if (count > queues.size()) return error(CallError::invalid_argument);
    std::memcpy(queues.data(), request.data.data(), count * sizeof(QueueSetup));
    return devices.setup(request.arguments[0], request.arguments[1], std::span(queues).first(count));
}

std::int64_t device_configure(const Request& request, DeviceCalls& devices) {
    const std::uint64_t size = request.arguments[2];
    if (size == 0 || size > sizeof(tenon::abi::DeviceRecord::config)) return error(CallError::invalid_argument);
    return devices.configure(request.arguments[0], request.arguments[1],
                             std::as_bytes(std::span(request.data)).first(size));
}

std::int64_t device_call(const Request& request, DeviceCalls* devices) {
    if (devices == nullptr) return error(CallError::unsupported);
    switch (request.number) {
        case Call::device_setup: return device_setup(request, *devices);
        case Call::device_configure: return device_configure(request, *devices);
        default: return devices->reset(request.arguments[0]);
    }
}

/// False: the arguments are invalid, and the guest keeps running.
bool shut_down(const Request& request, HypercallTarget& target) {
    if (request.arguments[1] > 255) return false;
    GuestEnd end{};
    switch (static_cast<ShutdownReason>(request.arguments[0])) {
        case ShutdownReason::power_off: end.kind = GuestEnd::Kind::shut_down; break;
        case ShutdownReason::reboot: end.kind = GuestEnd::Kind::reboot; break;
        default: return false;
    }
    end.exit_code = static_cast<int>(request.arguments[1]);
    target.end(std::move(end));
    return true;
}

void crash(const Request& request, HypercallTarget& target) {
    GuestEnd end{};
    end.kind = GuestEnd::Kind::crashed;
    end.has_report = true;
    std::memcpy(&end.report, request.data.data(), sizeof end.report);
    CrashReport& report = end.report;
    report.frame_count =
        std::min<std::uint32_t>(report.frame_count, static_cast<std::uint32_t>(std::size(report.frames)));
    report.reason[sizeof report.reason - 1] = '\0';
    report.thread[sizeof report.thread - 1] = '\0';
    end.reason = "panic: " + with_type_demangled(printable(static_cast<const char*>(report.reason)));
    target.end(std::move(end));
}

}  // namespace

SlotOutcome serve_hypercall(HypercallSlot& slot, HypercallTarget& target, DeviceCalls* devices) {
    if (slot.state.load() != SlotState::submitted) return SlotOutcome::idle;
    Request request;
    copy_request(slot, request);
    hypercalls.add();

    std::int64_t result = 0;
    switch (request.number) {
        case Call::console_write: result = console_write(request, target); break;
        case Call::shutdown:
            if (shut_down(request, target)) return SlotOutcome::not_back;
            result = error(CallError::invalid_argument);
            break;
        case Call::crash: crash(request, target); return SlotOutcome::not_back;
        case Call::device_setup:
        case Call::device_reset:
        case Call::device_configure: result = device_call(request, devices); break;
        case Call::ready: target.ready(); break;
        case Call::vcpu_start:
        case Call::vcpu_stop:
        case Call::suspend: result = error(CallError::unsupported); break;
        default: result = error(CallError::unknown_call); break;
    }
    if (result < 0) refused_hypercalls.add();
    slot.result = result;
    slot.state.store(SlotState::done);
    return SlotOutcome::done;
}

}  // namespace hv
