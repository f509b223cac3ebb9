// SPDX-License-Identifier: Apache-2.0
// The guest kernel's sign of life: it serves an event.
#pragma once

#include <string>

#include "hv/guest/tenon_guest.h"
#include "hv/watchdog/life_sign.h"

namespace hv {

/// That of the first vCPU. `guest` outlives this object. An idle vCPU counts as alive, and is not woken. A running one
/// gets an event, which it serves as soon as its interrupts are unmasked.
class Tick final : public LifeSign {
public:
    explicit Tick(TenonGuest& guest) : guest_(guest) {}

    [[nodiscard]] const char* missing() const override { return "no tick"; }
    [[nodiscard]] bool needs_no_question() const override { return guest_.is_idle(0); }
    void ask() override { guest_.request(GuestRequest::sign_of_life); }
    [[nodiscard]] bool answered() override {
        if (guest_.has_taken(GuestRequest::sign_of_life)) return true;
        // Ask again: a kernel that was still starting had no handler for the first event.
        ask();
        return false;
    }
    void forget() override {}

private:
    TenonGuest& guest_;
};

/// That of another vCPU, which gets an event of the same kind as from a vCPU that has work for it.
class VcpuTick final : public LifeSign {
public:
    VcpuTick(TenonGuest& guest, std::uint32_t vcpu)
        : guest_(guest), vcpu_(vcpu), missing_("no tick of vCPU " + std::to_string(vcpu)) {}

    [[nodiscard]] const char* missing() const override { return missing_.c_str(); }
    [[nodiscard]] bool needs_no_question() const override { return guest_.is_idle(vcpu_); }
    void ask() override { guest_.ask_vcpu(vcpu_); }
    [[nodiscard]] bool answered() override { return guest_.vcpu_answered(vcpu_); }
    void forget() override {}

private:
    TenonGuest& guest_;
    std::uint32_t vcpu_;
    std::string missing_;
};

}  // namespace hv
