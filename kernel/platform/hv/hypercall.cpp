// SPDX-License-Identifier: Apache-2.0
// Making hypercalls.
#include "kernel/platform/hv/hypercall.h"

#include <algorithm>
#include <cstring>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/trap/interrupts.h"

namespace tenon {

namespace {
constinit HypercallGate gate{};
}

void set_hypercall_gate(const HypercallGate& new_gate) { gate = new_gate; }

std::int64_t hypercall(abi::Call call, std::initializer_list<std::uint64_t> arguments,
                       std::span<const std::byte> data) {
    const interrupts::Masked masked;
    const std::uint32_t vcpu = Cpu::current().index;
    abi::HypercallSlot& slot = gate.slots[vcpu];
    slot.number = call;
    std::copy_n(arguments.begin(), std::min(arguments.size(), std::size(slot.arguments)), slot.arguments);
    std::memcpy(slot.data, data.data(), std::min(data.size(), sizeof(slot.data)));
    slot.state.store(abi::SlotState::submitted);
    gate.submit(slot, vcpu);
    const std::int64_t result = slot.result;
    slot.state.store(abi::SlotState::idle);
    return result;
}

bool null_hypercall() {
    constexpr std::uint64_t no_text = 0;
    return gate.submit != nullptr && hypercall(abi::Call::console_write, {no_text}) == 0;
}

}  // namespace tenon
