// SPDX-License-Identifier: Apache-2.0
// The guest kernel's sign of life: it serves an event.
#pragma once

#include "hv/guest/tenon_guest.h"
#include "hv/watchdog/life_sign.h"

namespace hv {

/// `guest` outlives this object. An idle guest counts as alive, and is not woken. A running guest gets an event, which
/// it serves as soon as its interrupts are unmasked.
class Tick final : public LifeSign {
public:
    explicit Tick(TenonGuest& guest) : guest_(guest) {}

    [[nodiscard]] const char* missing() const override { return "no tick"; }
    [[nodiscard]] bool needs_no_question() const override { return guest_.is_idle(); }
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

}  // namespace hv
